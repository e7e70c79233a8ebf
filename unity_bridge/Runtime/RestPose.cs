using System.Collections.Generic;
using UnityEngine;

namespace VTuberBridge
{
    /// <summary>
    /// The T-pose of an avatar. VMC rotations count from the T-pose with every bone's axes along those of the avatar; the
    /// bones of most models lie otherwise, so each rotation has to be turned into its bone's own axes.
    /// </summary>
    internal sealed class RestPose
    {
        private readonly Transform root;
        private readonly Dictionary<string, Quaternion> tPose = new Dictionary<string, Quaternion>();

        /// <param name="animator">Its avatar knows the T-pose; where it does not, the pose of the moment counts</param>
        public RestPose(Animator animator)
        {
            root = animator.transform;
            if (animator.avatar == null) return;
            var skeleton = animator.avatar.humanDescription.skeleton;
            if (skeleton == null) return;
            var twice = new HashSet<string>();
            foreach (var bone in skeleton)
            {
                if (tPose.ContainsKey(bone.name)) twice.Add(bone.name);
                tPose[bone.name] = bone.rotation;
            }
            // Bones are told apart by name alone here: of two with the same name nothing is known.
            foreach (var name in twice) tPose.Remove(name);
        }

        /// <summary>Local rotation in the T-pose.</summary>
        public Quaternion Local(Transform bone)
        {
            Quaternion rotation;
            return tPose.TryGetValue(bone.name, out rotation) ? rotation : bone.localRotation;
        }

        /// <summary>Rotation in the T-pose against the avatar.</summary>
        public Quaternion InAvatar(Transform bone)
        {
            if (bone == null || bone == root) return Quaternion.identity;
            return InAvatar(bone.parent) * Local(bone);
        }
    }
}
