using System;
using UnityEngine;

namespace VTuberBridge
{
    /// <summary>The humanoid bones of an avatar.</summary>
    internal sealed class AvatarBones
    {
        /// <summary>How far arms hang below the horizontal while nobody drives them, degrees.</summary>
        private const float ArmsDown = 71f;

        private readonly Animator animator;
        private readonly DrivenBone[] bones = new DrivenBone[HumanBones.Count];
        private readonly Rotation[] idle = new Rotation[HumanBones.Count];
        private readonly bool relaxed;
        private readonly Vector3 hipsPlace;
        private bool hipsMoved;

        /// <param name="animator">Of a humanoid avatar</param>
        /// <param name="vrm">Knows the eyes that VRM 1.0 turns, or null</param>
        /// <param name="relaxedArms">Whether arms that nobody drives hang down</param>
        public AvatarBones(Animator animator, IVrmFace vrm, bool relaxedArms)
        {
            this.animator = animator;
            var rest = new RestPose(animator);
            for (var i = 0; i < bones.Length; i++)
            {
                idle[i] = Rotation.Identity;
                var transform = animator.GetBoneTransform((HumanBodyBones)i);
                if (transform != null) bones[i] = new DrivenBone(transform, rest.Local(transform), rest.InAvatar(transform.parent));
            }
            if (vrm != null) TakeEyes(vrm);
            EyesByBone = bones[HumanBones.LeftEye] != null && bones[HumanBones.RightEye] != null && !(vrm != null && vrm.LooksByExpressions);
            if (bones[HumanBones.Hips] != null) hipsPlace = bones[HumanBones.Hips].Transform.localPosition;
            relaxed = relaxedArms && !Animated;
            if (!relaxed) return;
            idle[HumanBones.LeftUpperArm] = Lowered(HumanBones.LeftUpperArm, HumanBones.LeftLowerArm, rest, 1f);
            idle[HumanBones.RightUpperArm] = Lowered(HumanBones.RightUpperArm, HumanBones.RightLowerArm, rest, -1f);
        }

        /// <summary>Whether the eyes turn as bones.</summary>
        public bool EyesByBone { get; }

        /// <summary>Whether the Animator writes the bones anew at every picture, so that its pose is the idle one.</summary>
        private bool Animated => animator.enabled && animator.runtimeAnimatorController != null;

        /// <summary>Everything but the eyes. Before UniVRM, constraints and spring bones, which build on it.</summary>
        /// <param name="normalized">Whether rotations count from the T-pose, along the avatar's axes</param>
        public void Write(Playback playback, bool normalized)
        {
            for (var i = 0; i < bones.Length; i++)
            {
                if (i == HumanBones.LeftEye || i == HumanBones.RightEye || bones[i] == null) continue;
                var arm = relaxed && (i == HumanBones.LeftUpperArm || i == HumanBones.RightUpperArm);
                var driven = normalized ? bones[i].Turned(WithMissing(playback, i)) : playback.Bone(i).ToUnity();
                var share = playback.BoneShare(i);
                if (arm && share <= 0f) bones[i].Transform.localRotation = Idle(i);
                else bones[i].Set(Idle(i), driven, share);
            }
        }

        /// <summary>The eyes. After UniVRM, which sets them to its own gaze.</summary>
        /// <param name="limit">Degrees that an eye may turn</param>
        public void WriteEyes(Playback playback, bool normalized, float limit)
        {
            if (!EyesByBone) return;
            for (var i = HumanBones.LeftEye; i <= HumanBones.RightEye; i++)
            {
                var turn = normalized ? playback.Bone(i).Limited(limit * Math.PI / 180) : playback.Bone(i);
                bones[i].Set(Idle(i), normalized ? bones[i].Turned(turn) : turn.ToUnity(), playback.BoneShare(i));
            }
        }

        /// <summary>Puts the hips where the sender has them, in the avatar's space; for a sender that shows this avatar.</summary>
        public void WriteHips(Playback playback)
        {
            var hips = bones[HumanBones.Hips];
            var place = playback.Hips.ToUnity();
            // Senders that track no hips send zeros, which would sink the avatar into the floor.
            var share = place.magnitude > 0f ? playback.BoneShare(HumanBones.Hips) : 0f;
            if (hips == null || (share <= 0f && !hipsMoved)) return;
            var idle = Animated ? hips.Transform.localPosition : hipsPlace;
            var driven = hips.Transform.parent.InverseTransformPoint(animator.transform.TransformPoint(place));
            hips.Transform.localPosition = Vector3.Lerp(idle, driven, share);
            hipsMoved = share > 0f;
        }

        /// <summary>
        /// UpperChest, Chest, Neck and some others are optional. The turn of one that the avatar lacks is made by those
        /// that would hang on it.
        /// </summary>
        private Rotation WithMissing(Playback playback, int bone)
        {
            var turn = playback.Bone(bone);
            for (var above = HumanBones.Parent(bone); above > HumanBones.Hips && bones[above] == null; above = HumanBones.Parent(above))
            {
                turn = Rotation.Between(Rotation.Identity, playback.Bone(above), playback.BoneShare(above)) * turn;
            }
            return turn;
        }

        private Quaternion Idle(int bone)
        {
            return Animated ? bones[bone].Transform.localRotation : bones[bone].Turned(idle[bone]);
        }

        private void TakeEyes(IVrmFace vrm)
        {
            for (var i = HumanBones.LeftEye; i <= HumanBones.RightEye; i++)
            {
                var eye = vrm.Eye((HumanBodyBones)i);
                if (eye == null || (bones[i] != null && eye == bones[i].Transform)) continue;
                var parent = Quaternion.Inverse(animator.transform.rotation) * eye.parent.rotation;
                bones[i] = new DrivenBone(eye, eye.localRotation, parent);
            }
        }

        /// <summary>The turn that brings an arm down from where it is in the T-pose; side is 1 for the left one.</summary>
        private Rotation Lowered(int upper, int lower, RestPose rest, float side)
        {
            if (bones[upper] == null || bones[lower] == null) return Rotation.Identity;
            var along = rest.InAvatar(bones[upper].Transform) * bones[lower].Transform.localPosition;
            var down = Mathf.Atan2(-along.y, Mathf.Abs(along.x)) * Mathf.Rad2Deg;
            // About the forward axis: the left arm points along -x.
            return Rotation.About(0f, 0f, side, Mathf.Max(ArmsDown - down, 0f) * Math.PI / 180);
        }
    }
}
