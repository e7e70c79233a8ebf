using System.Collections.Generic;
using UnityEngine;
using VRM;

// Nothing refers to this assembly, so a build would leave it out.
[assembly: UnityEngine.Scripting.AlwaysLinkAssembly]

namespace VTuberBridge
{
    /// <summary>The expressions of a VRM 0.x avatar, through UniVRM (package com.vrmc.univrm).</summary>
    internal sealed class Vrm0Face : IVrmFace
    {
        private readonly VRMBlendShapeProxy proxy;
        private readonly List<BlendShapeKey> keys = new List<BlendShapeKey>();
        private readonly List<string> names = new List<string>();

        private Vrm0Face(VRMBlendShapeProxy proxy)
        {
            this.proxy = proxy;
            foreach (var clip in proxy.BlendShapeAvatar.Clips)
            {
                if (clip == null) continue;
                keys.Add(BlendShapeKey.CreateFromClip(clip));
                names.Add(clip.Preset == BlendShapePreset.Unknown ? clip.BlendShapeName ?? "" : clip.Preset.ToString());
            }
        }

        public IReadOnlyList<string> Names => names;

        public bool LooksByExpressions => proxy.GetComponent<VRMLookAtBlendShapeApplyer>() != null;

        public void Set(int index, float weight)
        {
            proxy.AccumulateValue(keys[index], weight);
        }

        public void Look(float yaw, float pitch)
        {
            // The four look expressions come by name, as every other does.
        }

        public void Apply()
        {
            proxy.Apply();
        }

        public Transform Eye(HumanBodyBones bone)
        {
            return null;
        }

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.BeforeSceneLoad)]
        private static void Enter()
        {
            VrmFaces.Add(Find);
        }

        private static IVrmFace Find(GameObject avatar)
        {
            var proxy = avatar.GetComponentInChildren<VRMBlendShapeProxy>();
            return proxy != null && proxy.BlendShapeAvatar != null ? new Vrm0Face(proxy) : null;
        }
    }
}
