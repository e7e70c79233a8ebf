using System.Collections.Generic;
using UniGLTF.Extensions.VRMC_vrm;
using UniVRM10;
using UnityEngine;

// Nothing refers to this assembly, so a build would leave it out.
[assembly: UnityEngine.Scripting.AlwaysLinkAssembly]

namespace VTuberBridge
{
    /// <summary>The expressions of a VRM 1.0 avatar, through UniVRM (package com.vrmc.vrm).</summary>
    internal sealed class Vrm10Face : IVrmFace
    {
        private readonly Vrm10Instance instance;
        private readonly List<string> names = new List<string>();

        private Vrm10Face(Vrm10Instance instance)
        {
            this.instance = instance;
            foreach (var key in instance.Runtime.Expression.ExpressionKeys) names.Add(key.Name);
        }

        public IReadOnlyList<string> Names => names;

        public bool LooksByExpressions => instance.Vrm.LookAt.LookAtType == LookAtType.expression;

        public void Set(int index, float weight)
        {
            instance.Runtime.Expression.SetWeight(instance.Runtime.Expression.ExpressionKeys[index], weight);
        }

        public void Look(float yaw, float pitch)
        {
            instance.Runtime.LookAt.SetYawPitchManually(yaw, pitch);
        }

        public void Apply()
        {
            // Vrm10Instance does it in its own LateUpdate.
        }

        public Transform Eye(HumanBodyBones bone)
        {
            Transform eye;
            return instance.TryGetBoneTransform(bone, out eye) ? eye : null;
        }

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.BeforeSceneLoad)]
        private static void Enter()
        {
            VrmFaces.Add(Find);
        }

        private static IVrmFace Find(GameObject avatar)
        {
            var instance = avatar.GetComponentInChildren<Vrm10Instance>();
            return instance != null && instance.Vrm != null ? new Vrm10Face(instance) : null;
        }
    }
}
