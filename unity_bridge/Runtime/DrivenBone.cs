using UnityEngine;

namespace VTuberBridge
{
    /// <summary>One bone of an avatar, turned from its T-pose by rotations along the avatar's axes.</summary>
    internal sealed class DrivenBone
    {
        public readonly Transform Transform;
        private readonly Quaternion local;
        private readonly Quaternion parent;
        private bool moved;

        /// <param name="transform">The bone</param>
        /// <param name="local">Its local rotation in the T-pose</param>
        /// <param name="parent">What it hangs on, in the T-pose, against the avatar</param>
        public DrivenBone(Transform transform, Quaternion local, Quaternion parent)
        {
            Transform = transform;
            this.local = local;
            this.parent = parent;
        }

        /// <summary>The local rotation that turns the bone so far from its T-pose.</summary>
        public Quaternion Turned(Rotation turn)
        {
            return Quaternion.Inverse(parent) * turn.ToUnity() * parent * local;
        }

        /// <summary>
        /// Sets the bone between `idle` (share 0) and `driven` (share 1). Once it is back at idle it is left alone.
        /// </summary>
        public void Set(Quaternion idle, Quaternion driven, float share)
        {
            if (share <= 0f && !moved) return;
            Transform.localRotation = Quaternion.Slerp(idle, driven, share);
            moved = share > 0f;
        }
    }
}
