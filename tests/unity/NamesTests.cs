using System;
using System.Collections.Generic;
using System.Linq;
using VTuberBridge;

public static class NamesTests
{
    private static void Means(string expected, params string[] spellings)
    {
        foreach (var spelling in spellings)
        {
            var channel = Channels.Of(spelling);
            Check.Same(expected, channel == Channels.None ? null : Channels.Name(channel), spelling);
        }
    }

    public static void Arkit_names_in_any_common_spelling()
    {
        Means("browDownLeft", "browDownLeft", "BrowDownLeft", "browDown_L", "brow_down_left", "BROW_DOWN_LEFT", "browDownL",
            "blendShape1.browDownLeft", "blendShape2.browDown_L", "Face.blendShape1.BrowDownLeft", "blendShape1_browDownLeft",
            "ARKit_browDownLeft", "ARKit.browDownLeft", "head|browDownLeft", "mesh:browDown_L");
        Means("eyeBlinkRight", "eyeBlinkRight", "EyeBlinkRight", "eyeBlink_R", "eyeBlinkR", "blendShape1.eyeBlink_R");
        Means("browInnerUp", "browInnerUp", "browInnerUp_L", "browInnerUp_R", "BrowInnerUpLeft", "browInnerUpR");
        Means("cheekPuff", "cheekPuff", "cheekPuff_L", "CheekPuff");
        Means("mouthLeft", "mouthLeft", "MouthLeft", "mouth_L");
        foreach (var name in Wire.Arkit) Means(name, name, char.ToUpperInvariant(name[0]) + name.Substring(1));
    }

    public static void Presets_of_both_versions_and_of_vroid()
    {
        foreach (var name in Wire.Presets) Means(name, name, name.ToUpperInvariant());
        Means("happy", "Joy", "Fcl_ALL_Joy");
        Means("sad", "Sorrow", "Fcl_ALL_Sorrow");
        Means("relaxed", "Fun", "Fcl_ALL_Fun");
        Means("aa", "A", "Fcl_MTH_A", "Face.M_F00_000_00_Fcl_MTH_A");
        Means("oh", "O", "Fcl_MTH_O");
        Means("blink", "Blink", "Fcl_EYE_Close");
        Means("blinkLeft", "Blink_L", "BLINK_L", "blinkLeft", "Fcl_EYE_Close_L");
        Means("blinkRight", "Blink_R", "Fcl_EYE_Close_R");
        Means("lookUp", "LookUp");
    }

    public static void Everything_else_is_nobodys()
    {
        Means(null, "", ".", "hair", "Fcl_EYE_Iris_Hide", "smile", "目を閉じる", "eyeBlink", "left");
    }

    public static void Every_bone_hangs_on_the_hips_in_the_end()
    {
        Check.Same(HumanBones.Count, HumanBones.Names.Distinct().Count(), "bones");
        for (var i = 0; i < HumanBones.Count; i++)
        {
            Check.Same(HumanBones.Names[i], ((UnityEngine.HumanBodyBones)i).ToString(), "in Unity's order");
            var steps = 0;
            for (var b = i; b != HumanBones.Hips; b = HumanBones.Parent(b)) Check.That(++steps < 12, HumanBones.Names[i]);
        }
        Check.Same("LeftLowerLeg", Above("LeftFoot"), "foot");
        Check.Same("RightFoot", Above("RightToes"), "toes");
        Check.Same("LeftHand", Above("LeftThumbProximal"), "thumb");
        Check.Same("RightHand", Above("RightLittleProximal"), "little finger");
        Check.Same("RightLittleIntermediate", Above("RightLittleDistal"), "its tip");
        Check.Same("Head", Above("Jaw"), "jaw");
        Check.Same("UpperChest", Above("LeftShoulder"), "shoulder");
        Check.Same("RightUpperArm", Above("RightLowerArm"), "arm");
    }

    private static string Above(string bone)
    {
        return HumanBones.Names[HumanBones.Parent(Array.IndexOf(HumanBones.Names, bone))];
    }

    public static void Perfect_sync_needs_most_of_the_shapes_and_the_lids()
    {
        Check.That(new FaceMap(Wire.Arkit, true).PerfectSync, "all 52");
        Check.That(new FaceMap(Wire.Arkit.Where(n => n != "tongueOut" && n != "cheekPuff").ToList(), true).PerfectSync, "all but two");
        Check.That(!new FaceMap(Wire.Arkit.Where(n => n != "eyeBlinkLeft").ToList(), true).PerfectSync, "a lid is missing");
        Check.That(!new FaceMap(Wire.Arkit.Take(39).ToList(), true).PerfectSync, "39");
        Check.That(!new FaceMap(Enumerable.Repeat("jawOpen", 60).ToList(), true).PerfectSync, "sixty times the same");
    }

    public static void Lids_move_one_by_one_or_together_but_never_both()
    {
        Check.Same("A Blink_L Blink_R", Presets(true, "A", "Blink", "Blink_L", "Blink_R", "LookUp"), "apart");
        Check.Same("A Blink LookUp", Presets(false, "A", "Blink", "Blink_L", "LookUp"), "together");
    }

    private static string Presets(bool eyesByBone, params string[] names)
    {
        return string.Join(" ", new FaceMap(names, eyesByBone).Presets.Select(t => names[t.Target]));
    }
}
