using System;
using System.Collections.Generic;
using UnityEngine;

namespace VTuberBridge
{
    /// <summary>
    /// The face of an avatar. One with the ARKit shapes is driven by these alone, as VRM expressions or, where it has none,
    /// as bare blendshapes; every other one by the presets that it has.
    /// </summary>
    internal sealed class AvatarFace
    {
        private enum Kind
        {
            Always,
            Arkit,
            Presets,
        }

        /// <summary>Shapes that are moved by the same kind of channels, and what was last set.</summary>
        private sealed class Group
        {
            public Kind Kind;
            public Action<int, float> Set;
            public List<FaceTarget> Targets;
            public float[] Shown;
        }

        private readonly IVrmFace vrm;
        private readonly bool eyesByBone;
        private readonly MeshShapes meshes;
        private readonly FaceMap vrmMap;
        private readonly FaceMap meshMap;
        private readonly List<Group> vrmGroups = new List<Group>();
        private readonly List<Group> meshGroups = new List<Group>();
        private bool hasArkit;
        private bool hasPresets;
        private int customSeen;

        public AvatarFace(GameObject avatar, IVrmFace vrm, bool eyesByBone)
        {
            this.vrm = vrm;
            this.eyesByBone = eyesByBone;
            meshes = new MeshShapes(avatar);
            vrmMap = new FaceMap(vrm != null ? vrm.Names : Array.Empty<string>(), eyesByBone);
            meshMap = new FaceMap(meshes.Names, eyesByBone);
            AddArkit();
            AddPresets();
        }

        /// <summary>Whether the face is driven by the 52 ARKit weights.</summary>
        public bool PerfectSync => vrmMap.PerfectSync || meshMap.PerfectSync;

        /// <summary>The VRM expressions. Before UniVRM, which works out the meshes from them.</summary>
        public void Write(VmcFrame frame, Playback playback)
        {
            if (vrm == null) return;
            AddCustom(frame);
            foreach (var group in vrmGroups) Write(group, playback);
            // With the ARKit shapes the eyes look by those.
            if (!eyesByBone) Look(playback, ByArkit(playback) ? 0f : playback.BoneShare(HumanBones.LeftEye));
            vrm.Apply();
        }

        /// <summary>The bare blendshapes. After UniVRM, which sets all that it knows to zero.</summary>
        public void WriteMeshes(VmcFrame frame, Playback playback)
        {
            if (vrm == null) AddCustom(frame);
            foreach (var group in meshGroups) Write(group, playback);
        }

        private void AddArkit()
        {
            if (vrmMap.PerfectSync) Add(vrmGroups, Kind.Arkit, vrm.Set, vrmMap.Arkit);
            else if (meshMap.PerfectSync || (vrm == null && meshMap.Presets.Count == 0)) Add(meshGroups, Kind.Arkit, meshes.Set, meshMap.Arkit);
            hasArkit = vrmGroups.Count + meshGroups.Count > 0;
        }

        private void AddPresets()
        {
            if (vrm != null) Add(vrmGroups, Kind.Presets, vrm.Set, vrmMap.Presets);
            else Add(meshGroups, Kind.Presets, meshes.Set, meshMap.Presets);
            hasPresets = vrm != null ? vrmMap.Presets.Count > 0 : meshMap.Presets.Count > 0;
        }

        /// <summary>Expressions of the avatar's own that a sender calls by their names.</summary>
        private void AddCustom(VmcFrame frame)
        {
            if (frame.CustomCount == customSeen) return;
            var names = vrm != null ? vrm.Names : meshes.Names;
            var others = vrm != null ? vrmMap.Others : meshMap.Others;
            var found = new List<FaceTarget>();
            foreach (var i in others)
            {
                for (var c = customSeen; c < frame.CustomCount; c++)
                {
                    if (string.Equals(frame.CustomNames[c], names[i], StringComparison.OrdinalIgnoreCase)) found.Add(new FaceTarget(i, Channels.Custom + c));
                }
            }
            customSeen = frame.CustomCount;
            if (vrm != null) Add(vrmGroups, Kind.Always, vrm.Set, found);
            else Add(meshGroups, Kind.Always, meshes.Set, found);
        }

        private static void Add(ICollection<Group> groups, Kind kind, Action<int, float> set, List<FaceTarget> targets)
        {
            if (targets.Count == 0) return;
            groups.Add(new Group { Kind = kind, Set = set, Targets = targets, Shown = new float[targets.Count] });
        }

        private void Write(Group group, Playback playback)
        {
            var active = group.Kind == Kind.Always || (group.Kind == Kind.Arkit) == ByArkit(playback);
            for (var i = 0; i < group.Targets.Count; i++)
            {
                var weight = active ? playback.Weight(group.Targets[i].Channel) : 0f;
                // What is at rest and was at rest is left to others: an animation may move it.
                if (weight <= 0f && group.Shown[i] <= 0f) continue;
                group.Set(group.Targets[i].Target, weight);
                group.Shown[i] = weight;
            }
        }

        /// <summary>Not for a sender that knows presets only.</summary>
        private bool ByArkit(Playback playback)
        {
            return hasArkit && (playback.HasArkit || !hasPresets);
        }

        private void Look(Playback playback, float share)
        {
            var left = playback.Bone(HumanBones.LeftEye).ToUnity() * Vector3.forward;
            var right = playback.Bone(HumanBones.RightEye).ToUnity() * Vector3.forward;
            var gaze = (left + right).normalized;
            var degrees = share * Mathf.Rad2Deg;
            vrm.Look(Mathf.Atan2(gaze.x, gaze.z) * degrees, Mathf.Asin(Mathf.Clamp(gaze.y, -1f, 1f)) * degrees);
        }
    }
}
