// The types of UniVRM 0.131 that the bridge uses, with the habits that matter to it: VRM 0.x writes what was accumulated
// when Apply is called; VRM 1.0 writes eyes and every shape bound to an expression in LateUpdate, at 11000, zeros too.
using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine;

namespace VRM
{
    public enum BlendShapePreset { Unknown, Neutral, A, I, U, E, O, Blink, Joy, Angry, Sorrow, Fun, LookUp, LookDown, LookLeft, LookRight, Blink_L, Blink_R }

    public class BlendShapeClip : ScriptableObject
    {
        public BlendShapePreset Preset;
        public string BlendShapeName;
        public int Shape;
    }

    public class BlendShapeAvatar : ScriptableObject { public List<BlendShapeClip> Clips = new List<BlendShapeClip>(); }

    public readonly struct BlendShapeKey
    {
        public readonly string Id;
        private BlendShapeKey(string id) { Id = id; }
        public static BlendShapeKey CreateFromClip(BlendShapeClip clip) =>
            new BlendShapeKey(clip.Preset == BlendShapePreset.Unknown ? "Unknown_" + clip.BlendShapeName : clip.Preset.ToString());
    }

    public class VRMLookAtBlendShapeApplyer : MonoBehaviour { }

    public class VRMBlendShapeProxy : MonoBehaviour
    {
        public BlendShapeAvatar BlendShapeAvatar;
        public SkinnedMeshRenderer Mesh;
        private readonly Dictionary<int, float> sums = new Dictionary<int, float>();
        public void AccumulateValue(BlendShapeKey key, float value)
        {
            var clip = BlendShapeAvatar.Clips.First(c => BlendShapeKey.CreateFromClip(c).Id == key.Id);
            sums.TryGetValue(clip.Shape, out var sum);
            sums[clip.Shape] = Mathf.Clamp(sum + 100 * value, 0, 100);
        }
        public void Apply()
        {
            foreach (var s in sums) Mesh.SetBlendShapeWeight(s.Key, s.Value);
            sums.Clear();
        }
    }
}

namespace UniGLTF.Extensions.VRMC_vrm
{
    public enum LookAtType { bone, expression }
}

namespace UniVRM10
{
    public readonly struct ExpressionKey
    {
        public readonly string Name;
        public ExpressionKey(string name) { Name = name; }
    }

    public class VRM10ObjectLookAt { public UniGLTF.Extensions.VRMC_vrm.LookAtType LookAtType; }

    public class VRM10Object : ScriptableObject
    {
        public VRM10ObjectLookAt LookAt = new VRM10ObjectLookAt();
        public Dictionary<string, int> Shapes = new Dictionary<string, int>();
    }

    public class Vrm10RuntimeExpression
    {
        internal readonly Dictionary<string, float> Weights = new Dictionary<string, float>();
        internal List<ExpressionKey> Keys;
        public IReadOnlyList<ExpressionKey> ExpressionKeys => Keys;
        public void SetWeight(ExpressionKey key, float weight) { Weights[key.Name] = weight; }
    }

    public class Vrm10RuntimeLookAt
    {
        public float Yaw, Pitch;
        public void SetYawPitchManually(float yaw, float pitch) { Yaw = yaw; Pitch = pitch; }
    }

    public class Vrm10Runtime
    {
        public Vrm10RuntimeExpression Expression { get; } = new Vrm10RuntimeExpression();
        public Vrm10RuntimeLookAt LookAt { get; } = new Vrm10RuntimeLookAt();
    }

    [DefaultExecutionOrder(11000)]
    public class Vrm10Instance : MonoBehaviour
    {
        public VRM10Object Vrm;
        public SkinnedMeshRenderer Mesh;
        public Transform LeftEye, RightEye;
        private Vrm10Runtime runtime;
        public Vrm10Runtime Runtime
        {
            get
            {
                if (runtime != null) return runtime;
                runtime = new Vrm10Runtime();
                runtime.Expression.Keys = Vrm.Shapes.Keys.Select(n => new ExpressionKey(n)).ToList();
                return runtime;
            }
        }
        public bool TryGetBoneTransform(HumanBodyBones bone, out Transform t)
        {
            t = bone == HumanBodyBones.LeftEye ? LeftEye : bone == HumanBodyBones.RightEye ? RightEye : null;
            return t != null;
        }
        private void LateUpdate()
        {
            foreach (var eye in new[] { LeftEye, RightEye }) if (eye != null) eye.localRotation = Quaternion.identity;
            foreach (var shape in Vrm.Shapes)
            {
                Runtime.Expression.Weights.TryGetValue(shape.Key, out var weight);
                Mesh.SetBlendShapeWeight(shape.Value, weight * 100);
            }
        }
    }
}
