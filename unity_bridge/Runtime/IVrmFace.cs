using System;
using System.Collections.Generic;
using UnityEngine;

namespace VTuberBridge
{
    /// <summary>The expressions of a VRM avatar, of either version. UniVRM is met behind it alone.</summary>
    public interface IVrmFace
    {
        /// <summary>All expressions that the avatar has, by the names that its VRM version uses.</summary>
        IReadOnlyList<string> Names { get; }

        /// <summary>Whether the avatar's maker has the eyes look by expressions, even though it may have eye bones.</summary>
        bool LooksByExpressions { get; }

        /// <summary>Sets an expression by its place in Names, 0..1. Nothing is seen of it before Apply.</summary>
        void Set(int index, float weight);

        /// <summary>Gaze for avatars whose eyes turn as expressions, degrees: to the avatar's right, and up.</summary>
        void Look(float yaw, float pitch);

        void Apply();

        /// <summary>The eye that VRM turns, where it is not the Animator's; null where it is.</summary>
        Transform Eye(HumanBodyBones bone);
    }

    /// <summary>The bridges to UniVRM enter themselves here. Each is compiled only where its package is installed.</summary>
    public static class VrmFaces
    {
        private static readonly List<Func<GameObject, IVrmFace>> Finders = new List<Func<GameObject, IVrmFace>>();

        /// <param name="finder">Gives the VRM face of an avatar, or null when it is none of that kind</param>
        public static void Add(Func<GameObject, IVrmFace> finder)
        {
            // Play mode without a domain reload begins more than once.
            if (!Finders.Contains(finder)) Finders.Add(finder);
        }

        /// <summary>The VRM face of an avatar; null when it is no VRM, or UniVRM is not installed.</summary>
        public static IVrmFace Find(GameObject avatar)
        {
            foreach (var finder in Finders)
            {
                var face = finder(avatar);
                if (face != null) return face;
            }
            return null;
        }
    }
}
