using System.Linq;
using UnityEngine;
using VTuberBridge;

public static class AvatarTests
{
    private static readonly Quaternion Spine = Quaternion.Euler(2, -4, 1);
    private static readonly Quaternion Chest = Quaternion.Euler(-3, 5, 2);
    private static readonly Quaternion UpperChest = Quaternion.Euler(1, 6, -2);
    private static readonly Quaternion Neck = Quaternion.Euler(4, -8, 3);
    private static readonly Quaternion Head = Quaternion.Euler(-10, 20, 5);

    private static byte[] Body => Packets.Bundle(
        Puppet.Bone(HumanBodyBones.Spine, Spine), Puppet.Bone(HumanBodyBones.Chest, Chest),
        Puppet.Bone(HumanBodyBones.UpperChest, UpperChest), Puppet.Bone(HumanBodyBones.Neck, Neck), Puppet.Bone(HumanBodyBones.Head, Head),
        Puppet.Bone(HumanBodyBones.LeftEye, Quaternion.Euler(5, -10, 0)), Puppet.Bone(HumanBodyBones.RightEye, Quaternion.Euler(0, 60, 0)));

    private static readonly Quaternion Whole = Spine * Chest * UpperChest * Neck * Head;

    private static void Turned(Puppet puppet, HumanBodyBones bone, Quaternion expected, float within = 0.1f)
    {
        Check.Near(0, Quaternion.Angle(puppet.Turn(bone), expected), within, bone.ToString());
    }

    public static void The_head_turns_as_it_was_sent_however_the_bones_lie()
    {
        foreach (var twisted in new[] { false, true })
        {
            using (var puppet = new Puppet(twisted))
            {
                puppet.Root.transform.localRotation = Quaternion.Euler(0, 130, 0);
                puppet.Drive();
                puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) >= 1, Body, "head");
                Turned(puppet, HumanBodyBones.Head, Whole);
                Turned(puppet, HumanBodyBones.Chest, Spine * Chest);
                Turned(puppet, HumanBodyBones.LeftEye, Whole * Quaternion.Euler(5, -10, 0));
                Turned(puppet, HumanBodyBones.RightEye, Whole * Quaternion.Euler(0, 20, 0)); // 60 is more than an eye can
                Check.Same(0, Debug.Errors.Count, "errors");
            }
        }
    }

    public static void A_bone_that_the_avatar_lacks_is_made_up_for_by_the_next()
    {
        using (var puppet = new Puppet(true, HumanBodyBones.UpperChest, HumanBodyBones.Chest))
        {
            puppet.Drive();
            puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) >= 1, Body, "head");
            Turned(puppet, HumanBodyBones.Spine, Spine);
            Turned(puppet, HumanBodyBones.Neck, Spine * Chest * UpperChest * Neck);
            Turned(puppet, HumanBodyBones.Head, Whole);
        }
    }

    public static void The_t_pose_of_the_avatar_counts_not_that_of_the_moment()
    {
        using (var puppet = new Puppet(true))
        {
            foreach (var bone in puppet.Bones.Values) bone.localRotation = bone.localRotation * Quaternion.Euler(10, 20, 30);
            puppet.Drive();
            puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) >= 1, Packets.Bundle(Puppet.Bone(HumanBodyBones.Hips, Quaternion.identity), Body), "head");
            Turned(puppet, HumanBodyBones.Head, Whole);
        }
    }

    public static void Raw_rotations_are_written_as_they_come_when_asked_for()
    {
        using (var puppet = new Puppet(true))
        {
            puppet.Drive(d => d.normalized = false);
            puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) >= 1, Body, "head");
            Check.Near(0, Quaternion.Angle(puppet.Bones[HumanBodyBones.Head].localRotation, Head), 0.1, "head");
        }
    }

    public static void When_packets_stop_it_goes_to_rest_with_its_arms_down()
    {
        using (var puppet = new Puppet(true))
        {
            puppet.Drive();
            puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) >= 1, Body, "head");
            puppet.Silence(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) <= 0);
            Turned(puppet, HumanBodyBones.Head, Quaternion.identity);
            Turned(puppet, HumanBodyBones.RightEye, Quaternion.identity);
            foreach (var bone in new[] { HumanBodyBones.LeftLowerArm, HumanBodyBones.RightLowerArm })
            {
                var arm = puppet.Bones[bone].position - puppet.Bones[bone].parent.parent.position;
                Check.Near(-0.3 * System.Math.Sin(71 * System.Math.PI / 180), arm.y, 0.002, "elbow below the shoulder");
                Check.Near(bone == HumanBodyBones.LeftLowerArm ? -1 : 1, System.Math.Sign(arm.x), 0, "on its own side");
            }
        }
    }

    public static void Arms_that_are_sent_are_followed_and_left_alone_when_asked_for()
    {
        using (var puppet = new Puppet(true))
        {
            var up = Quaternion.Euler(0, 0, -40);
            puppet.Drive();
            puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.LeftUpperArm) >= 1, Puppet.Bone(HumanBodyBones.LeftUpperArm, up), "arm");
            Turned(puppet, HumanBodyBones.LeftUpperArm, up);
        }
        using (var puppet = new Puppet(true))
        {
            puppet.Drive(d => d.relaxedArms = false);
            puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) >= 1, Body, "head");
            Turned(puppet, HumanBodyBones.LeftUpperArm, Spine * Chest * UpperChest);
        }
    }

    public static void An_animation_plays_on_below_and_has_the_avatar_when_packets_stop()
    {
        using (var puppet = new Puppet(true))
        {
            var nod = Quaternion.Euler(30, 0, 0);
            var wave = puppet.Bones[HumanBodyBones.LeftUpperArm].localRotation * nod;
            var bent = puppet.Bones[HumanBodyBones.Head].localRotation * nod;
            puppet.Animator.runtimeAnimatorController = new RuntimeAnimatorController();
            puppet.Animator.Play = () =>
            {
                puppet.Bones[HumanBodyBones.LeftUpperArm].localRotation = wave;
                puppet.Bones[HumanBodyBones.Head].localRotation = bent;
            };
            puppet.Drive();
            puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) >= 1, Body, "head");
            Turned(puppet, HumanBodyBones.Head, Whole);
            Check.Near(0, Quaternion.Angle(wave, puppet.Bones[HumanBodyBones.LeftUpperArm].localRotation), 0.01, "the arm waves");
            puppet.Silence(() => puppet.Driver.Playback.BoneShare(HumanBones.Head) <= 0);
            Check.Near(0, Quaternion.Angle(bent, puppet.Bones[HumanBodyBones.Head].localRotation), 0.01, "the head nods");
        }
    }

    public static void The_avatar_moves_with_the_root_and_returns_to_its_own_place()
    {
        using (var puppet = new Puppet(false))
        {
            var own = new Vector3(5, 0, 7);
            puppet.Root.transform.localPosition = own;
            puppet.Root.transform.localRotation = Quaternion.Euler(0, 90, 0);
            puppet.Drive();
            var packet = Packets.Message("/VMC/Ext/Root/Pos", "root", 0f, 0.1f, 0.2f, 0f, 0f, 0f, 1f);
            puppet.Until(() => puppet.Driver.Playback.RootShare >= 1, packet, "root");
            var moved = puppet.Root.transform.localPosition - own;
            Check.Near(0.1, moved.y, 1e-4, "up");
            Check.Near(0.2, moved.x, 1e-4, "forward, for one who looks along x");
            puppet.Silence(() => puppet.Driver.Playback.RootShare <= 0);
            Check.Near(0, (puppet.Root.transform.localPosition - own).magnitude, 1e-5, "back");
        }
    }

    public static void Hips_go_where_they_are_sent_when_asked_for()
    {
        using (var puppet = new Puppet(true))
        {
            puppet.Root.transform.localPosition = new Vector3(1, 0, 2);
            puppet.Root.transform.localRotation = Quaternion.Euler(0, 90, 0);
            puppet.Drive(d => d.moveHips = true);
            var hips = puppet.Bones[HumanBodyBones.Hips];
            var zeros = Puppet.Bone(HumanBodyBones.Hips, Quaternion.identity);
            puppet.Until(() => puppet.Driver.Playback.BoneShare(HumanBones.Hips) >= 1, zeros, "hips");
            Check.Near(0, hips.localPosition.magnitude, 1e-6, "zeros say nothing");
            var packet = Packets.Message("/VMC/Ext/Bone/Pos", "Hips", 0f, 0.9f, 0.1f, 0f, 0f, 0f, 1f);
            puppet.Until(() => hips.position.y > 0.89999f, packet, "hips");
            Check.Near(0, (hips.position - new Vector3(1.1f, 0.9f, 2f)).magnitude, 1e-4, "before an avatar that looks along x");
            puppet.Silence(() => puppet.Driver.Playback.BoneShare(HumanBones.Hips) <= 0);
            Check.Near(0, hips.localPosition.magnitude, 1e-6, "back");
        }
    }

    public static void Without_a_humanoid_it_says_what_to_do()
    {
        using (var puppet = new Puppet(false))
        {
            puppet.Animator.avatar = null;
            puppet.Drive();
            Scene.Step();
            Check.Same(1, Debug.Errors.Count(e => e.Contains("choose Humanoid")), "errors");
        }
    }

    public static void A_driver_without_a_receiver_gets_its_own_and_cleans_up()
    {
        var avatar = new GameObject("avatar");
        avatar.AddComponent<Animator>();
        var driver = avatar.AddComponent<AvatarDriver>();
        Scene.Step();
        Check.That(driver.receiver != null, "receiver");
        Check.Same("127.0.0.1", driver.receiver.address, "this machine only");
        Check.Same(39539, driver.receiver.port, "the usual port");
        Object.Destroy(driver);
        Scene.Step();
        Check.Same(1, avatar.GetComponentsInChildren<MonoBehaviour>().Length, "only the receiver is left");
    }
}
