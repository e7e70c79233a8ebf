using System.Collections.Generic;
using System.Linq;
using UniVRM10;
using UnityEngine;
using VRM;
using VTuberBridge;

public static class FaceTests
{
    private static byte[] Face => Packets.Round(0f, Packets.Value("JawOpen", 0.5f), Packets.Value("EyeBlinkLeft", 1f), Packets.Value("A", 0.8f), Packets.Value("Blink_L", 1f), Packets.Value("Blink_R", 0f), Packets.Value("Joy", 0.25f), Packets.Value("Hearts", 0.6f));

    private static byte[] PresetsOnly => Packets.Round(0f, Packets.Value("A", 0.8f), Packets.Value("Blink_L", 1f), Packets.Value("Joy", 0.25f));

    private static float Shown(SkinnedMeshRenderer mesh, string name)
    {
        return mesh.GetBlendShapeWeight(mesh.sharedMesh.Shapes.FindIndex(s => s.Key == name));
    }

    private static void Settle(Puppet puppet, byte[] packet)
    {
        var joy = Channels.Of("happy");
        puppet.Until(() => puppet.Driver.Playback.Weight(joy) > 0.2499f, packet, "face");
    }

    public static void Perfect_sync_meshes_are_driven_by_arkit_alone()
    {
        using (var puppet = new Puppet(true))
        {
            var shapes = Wire.Arkit.Select(n => "blendShape1." + n.Replace("Left", "_L").Replace("Right", "_R")).Concat(new[] { "Fcl_MTH_A", "Hearts" });
            var mesh = puppet.AddFace(shapes);
            puppet.Drive();
            Check.That(puppet.Driver.PerfectSync, "perfect sync");
            Settle(puppet, Face);
            Check.Near(50, Shown(mesh, "blendShape1.jawOpen"), 0.01, "jaw");
            Check.Near(100, Shown(mesh, "blendShape1.eyeBlink_L"), 0.01, "left lid");
            Check.Same(0f, Shown(mesh, "Fcl_MTH_A"), "the mouth is not opened twice");
            Check.Near(60, Shown(mesh, "Hearts"), 0.01, "the avatar's own");
            puppet.Silence(() => Shown(mesh, "blendShape1.jawOpen") <= 0);
        }
    }

    public static void A_sender_without_arkit_moves_a_perfect_sync_avatar_by_its_presets()
    {
        using (var puppet = new Puppet(true))
        {
            var mesh = puppet.AddFace(Wire.Arkit.Concat(new[] { "Fcl_MTH_A", "Fcl_EYE_Close_L", "Fcl_EYE_Close_R" }));
            puppet.Drive();
            Settle(puppet, Face);
            Check.Near(50, Shown(mesh, "jawOpen"), 0.01, "jaw");
            puppet.Until(() => Shown(mesh, "Fcl_MTH_A") > 79.9f, PresetsOnly, "presets");
            Check.Near(100, Shown(mesh, "Fcl_EYE_Close_L"), 0.01, "lid");
            Check.Same(0f, Shown(mesh, "jawOpen"), "jaw let go");
        }
    }

    public static void Vroid_meshes_are_driven_by_presets()
    {
        using (var puppet = new Puppet(true))
        {
            var mesh = puppet.AddFace(new[] { "Fcl_ALL_Joy", "Fcl_MTH_A", "Fcl_EYE_Close", "Fcl_EYE_Close_L", "Fcl_EYE_Close_R", "Fcl_HA_Hide" });
            puppet.Drive();
            Check.That(!puppet.Driver.PerfectSync, "no perfect sync");
            Settle(puppet, Face);
            Check.Near(25, Shown(mesh, "Fcl_ALL_Joy"), 0.01, "joy");
            Check.Near(80, Shown(mesh, "Fcl_MTH_A"), 0.01, "aa");
            Check.Near(100, Shown(mesh, "Fcl_EYE_Close_L"), 0.01, "left lid");
            Check.Same(0f, Shown(mesh, "Fcl_EYE_Close_R"), "right lid");
            Check.Same(0f, Shown(mesh, "Fcl_EYE_Close"), "both lids");
        }
    }

    public static void A_few_arkit_shapes_are_better_than_none()
    {
        using (var puppet = new Puppet(true))
        {
            var mesh = puppet.AddFace(new[] { "jawOpen", "eyeBlink_L", "eyeBlink_R" });
            puppet.Drive();
            Settle(puppet, Face);
            Check.Near(50, Shown(mesh, "jawOpen"), 0.01, "jaw");
        }
    }

    public static void Importers_that_count_weights_to_one_are_understood()
    {
        using (var puppet = new Puppet(true))
        {
            var mesh = puppet.AddFace(Wire.Arkit, 1f);
            puppet.Drive();
            Settle(puppet, Face);
            Check.Near(0.5, Shown(mesh, "jawOpen"), 1e-4, "jaw");
        }
    }

    public static void Shapes_at_rest_are_left_to_animations()
    {
        using (var puppet = new Puppet(true))
        {
            var mesh = puppet.AddFace(Wire.Arkit);
            puppet.Drive();
            Settle(puppet, Face);
            var sets = mesh.Sets;
            Scene.Step();
            Check.Same(2, mesh.Sets - sets, "only jaw and lid are set");
        }
    }

    // --- UniVRM ---

    private static BlendShapeClip Clip(BlendShapePreset preset, string name, int shape)
    {
        return new BlendShapeClip { Preset = preset, BlendShapeName = name, Shape = shape };
    }

    private static VRMBlendShapeProxy Vrm0(Puppet puppet, SkinnedMeshRenderer mesh, params BlendShapeClip[] clips)
    {
        var proxy = puppet.Root.AddComponent<VRMBlendShapeProxy>();
        proxy.Mesh = mesh;
        proxy.BlendShapeAvatar = new BlendShapeAvatar();
        proxy.BlendShapeAvatar.Clips.AddRange(clips);
        return proxy;
    }

    public static void A_vrm0_avatar_is_driven_by_its_clips()
    {
        Bridges.Enter();
        using (var puppet = new Puppet(false))
        {
            var mesh = puppet.AddFace(new[] { "mouth", "lid left", "lid right", "joy", "hearts" });
            Vrm0(puppet, mesh, Clip(BlendShapePreset.A, "", 0), Clip(BlendShapePreset.Blink_L, "", 1), Clip(BlendShapePreset.Blink_R, "", 2),
                Clip(BlendShapePreset.Joy, "", 3), Clip(BlendShapePreset.Unknown, "hearts", 4), Clip(BlendShapePreset.Unknown, null, 4));
            puppet.Drive();
            Settle(puppet, Face);
            Check.Near(80, Shown(mesh, "mouth"), 0.01, "aa");
            Check.Near(100, Shown(mesh, "lid left"), 0.01, "left lid");
            Check.Near(25, Shown(mesh, "joy"), 0.01, "joy");
            Check.Near(60, Shown(mesh, "hearts"), 0.01, "the avatar's own");
            puppet.Silence(() => Shown(mesh, "mouth") <= 0);
        }
    }

    public static void A_vrm0_avatar_with_perfect_sync_clips_is_driven_by_these_alone()
    {
        Bridges.Enter();
        using (var puppet = new Puppet(false))
        {
            var mesh = puppet.AddFace(Wire.Arkit.Concat(new[] { "mouth" }));
            var clips = Wire.Arkit.Select((n, i) => Clip(BlendShapePreset.Unknown, char.ToUpperInvariant(n[0]) + n.Substring(1), i)).ToList();
            clips.Add(Clip(BlendShapePreset.A, "", 52));
            Vrm0(puppet, mesh, clips.ToArray());
            puppet.Drive();
            Check.That(puppet.Driver.PerfectSync, "perfect sync");
            Settle(puppet, Face);
            Check.Near(50, Shown(mesh, "jawOpen"), 0.01, "jaw");
            Check.Same(0f, Shown(mesh, "mouth"), "the mouth is not opened twice");
        }
    }

    private static Vrm10Instance Vrm10(Puppet puppet, SkinnedMeshRenderer mesh, params (string name, int shape)[] expressions)
    {
        var instance = puppet.Root.AddComponent<Vrm10Instance>();
        instance.Mesh = mesh;
        instance.Vrm = new VRM10Object();
        foreach (var e in expressions) instance.Vrm.Shapes[e.name] = e.shape;
        return instance;
    }

    public static void A_vrm10_avatar_is_driven_by_its_expressions_and_keeps_its_gaze()
    {
        Bridges.Enter();
        using (var puppet = new Puppet(false))
        {
            var mesh = puppet.AddFace(new[] { "mouth", "lid left", "lid right", "joy" });
            var vrm = Vrm10(puppet, mesh, ("aa", 0), ("blinkLeft", 1), ("blinkRight", 2), ("happy", 3));
            vrm.LeftEye = puppet.Bones[HumanBodyBones.LeftEye];
            vrm.RightEye = puppet.Bones[HumanBodyBones.RightEye];
            puppet.Drive();
            Settle(puppet, Packets.Bundle(Face, Puppet.Bone(HumanBodyBones.LeftEye, Quaternion.Euler(0, 15, 0))));
            Check.Near(80, Shown(mesh, "mouth"), 0.01, "aa");
            Check.Near(100, Shown(mesh, "lid left"), 0.01, "left lid");
            Check.Near(0, Quaternion.Angle(Quaternion.Euler(0, 15, 0), puppet.Bones[HumanBodyBones.LeftEye].localRotation), 0.1, "UniVRM does not turn it back");
        }
    }

    public static void A_vrm10_avatar_whose_meshes_have_perfect_sync_keeps_its_shapes()
    {
        Bridges.Enter();
        using (var puppet = new Puppet(false))
        {
            var mesh = puppet.AddFace(Wire.Arkit);
            // UniVRM sets these shapes to zero in every picture, since its own expression is at zero.
            Vrm10(puppet, mesh, ("blinkLeft", 0), ("blinkRight", 7), ("aa", 17));
            puppet.Drive();
            Settle(puppet, Face);
            Check.Near(100, Shown(mesh, "eyeBlinkLeft"), 0.01, "left lid");
            Check.Near(50, Shown(mesh, "jawOpen"), 0.01, "jaw");
        }
    }

    public static void Eye_bones_that_the_maker_does_not_use_are_left_alone()
    {
        Bridges.Enter();
        using (var puppet = new Puppet(false))
        {
            var mesh = puppet.AddFace(new[] { "joy", "look" });
            Vrm0(puppet, mesh, Clip(BlendShapePreset.Joy, "", 0), Clip(BlendShapePreset.LookUp, "", 1));
            puppet.Root.AddComponent<VRMLookAtBlendShapeApplyer>();
            puppet.Drive();
            Settle(puppet, Packets.Bundle(Puppet.Bone(HumanBodyBones.LeftEye, Quaternion.Euler(-9, 0, 0)), Packets.Value("LookUp", 0.4f), Face));
            Check.Near(40, Shown(mesh, "look"), 0.01, "look up");
            Check.Near(0, Quaternion.Angle(Quaternion.identity, puppet.Turn(HumanBodyBones.LeftEye)), 0.01, "the bone");
        }
    }

    public static void Eyes_that_turn_as_expressions_get_degrees()
    {
        Bridges.Enter();
        using (var puppet = new Puppet(false, HumanBodyBones.LeftEye, HumanBodyBones.RightEye))
        {
            var mesh = puppet.AddFace(new[] { "joy", "look" });
            var vrm = Vrm10(puppet, mesh, ("happy", 0), ("lookUp", 1));
            var gaze = Quaternion.Euler(-10, 15, 0);
            puppet.Drive();
            Settle(puppet, Packets.Bundle(Face, Puppet.Bone(HumanBodyBones.LeftEye, gaze), Puppet.Bone(HumanBodyBones.RightEye, gaze)));
            Check.Near(15, vrm.Runtime.LookAt.Yaw, 0.1, "to the right");
            Check.Near(10, vrm.Runtime.LookAt.Pitch, 0.1, "up");
        }
    }

    /// <summary>What Unity does when a game begins.</summary>
    private static class Bridges
    {
        public static void Enter()
        {
            foreach (var type in new[] { "VTuberBridge.Vrm0Face, VTuberBridge.Vrm0", "VTuberBridge.Vrm10Face, VTuberBridge.Vrm10" })
            {
                var method = System.Type.GetType(type, true).GetMethod("Enter", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic);
                Check.That(method.GetCustomAttributes(typeof(RuntimeInitializeOnLoadMethodAttribute), false).Length == 1, "Unity would call it");
                method.Invoke(null, null);
            }
        }
    }
}
