using UnityEngine;

namespace VTuberBridge
{
    /// <summary>Core's values as Unity's. The axes are the same: VMC is spoken in Unity's.</summary>
    internal static class UnityConversions
    {
        public static Quaternion ToUnity(this Rotation q)
        {
            return new Quaternion(q.X, q.Y, q.Z, q.W);
        }

        public static Vector3 ToUnity(this Place p)
        {
            return new Vector3(p.X, p.Y, p.Z);
        }
    }
}
