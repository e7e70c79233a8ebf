using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using UnityEngine;
using VTuberBridge;

/// <summary>An avatar made for tests, its driver, and a sender that speaks to it over a real socket.</summary>
internal sealed class Puppet : IDisposable
{
    public readonly GameObject Root = new GameObject("avatar");
    public readonly Animator Animator;
    public readonly Dictionary<HumanBodyBones, Transform> Bones = new Dictionary<HumanBodyBones, Transform>();
    public readonly Dictionary<HumanBodyBones, Quaternion> RestInAvatar = new Dictionary<HumanBodyBones, Quaternion>();
    public AvatarDriver Driver;
    private readonly UdpClient sender = new UdpClient();
    private readonly int port;

    /// <param name="twisted">Whether every bone lies turned in its own odd way, as in most files from modelling programs</param>
    /// <param name="without">Optional bones that it lacks</param>
    public Puppet(bool twisted, params HumanBodyBones[] without)
    {
        Animator = Root.AddComponent<Animator>();
        Animator.avatar = new Avatar();
        var random = new System.Random(3);
        var chain = new[]
        {
            (HumanBodyBones.Hips, HumanBodyBones.LastBone), (HumanBodyBones.Spine, HumanBodyBones.Hips),
            (HumanBodyBones.Chest, HumanBodyBones.Spine), (HumanBodyBones.UpperChest, HumanBodyBones.Chest),
            (HumanBodyBones.Neck, HumanBodyBones.UpperChest), (HumanBodyBones.Head, HumanBodyBones.Neck),
            (HumanBodyBones.LeftEye, HumanBodyBones.Head), (HumanBodyBones.RightEye, HumanBodyBones.Head),
            (HumanBodyBones.LeftUpperArm, HumanBodyBones.UpperChest), (HumanBodyBones.LeftLowerArm, HumanBodyBones.LeftUpperArm),
            (HumanBodyBones.RightUpperArm, HumanBodyBones.UpperChest), (HumanBodyBones.RightLowerArm, HumanBodyBones.RightUpperArm),
        };
        var parents = chain.ToDictionary(c => c.Item1, c => c.Item2);
        foreach (var bone in chain.Select(c => c.Item1).Where(b => !without.Contains(b)))
        {
            var parent = parents[bone];
            while (without.Contains(parent)) parent = parents[parent];
            Add(bone, parent == HumanBodyBones.LastBone ? Root.transform : Bones[parent], twisted ? Odd(random) : Quaternion.identity);
        }
        foreach (var bone in Bones.Keys) RestInAvatar[bone] = Bones[bone].rotation;
        PlaceArms();
        Animator.avatar.humanDescription.skeleton = Bones.Select(b => new SkeletonBone { name = b.Value.name, rotation = b.Value.localRotation }).ToArray();
        port = FreePort();
    }

    private void Add(HumanBodyBones bone, Transform parent, Quaternion rotation)
    {
        // A helper bone between: it belongs to no humanoid, and is turned as well.
        var helper = new GameObject("helper of " + bone).transform;
        helper.SetParent(parent, false);
        helper.localRotation = Quaternion.Slerp(Quaternion.identity, rotation, 0.5f);
        var made = new GameObject("J_" + bone).transform;
        made.SetParent(helper, false);
        made.localRotation = rotation;
        Bones[bone] = Animator.Bones[bone] = made;
    }

    private void PlaceArms()
    {
        PlaceArm(-0.3f, HumanBodyBones.LeftUpperArm, HumanBodyBones.LeftLowerArm);
        PlaceArm(0.3f, HumanBodyBones.RightUpperArm, HumanBodyBones.RightLowerArm);
    }

    private void PlaceArm(float x, HumanBodyBones upper, HumanBodyBones lower)
    {
        Bones[lower].parent.localPosition = Quaternion.Inverse(Bones[upper].rotation) * new Vector3(x, 0f, 0f);
    }

    private static Quaternion Odd(System.Random random)
    {
        return Quaternion.Euler((float)random.NextDouble() * 360, (float)random.NextDouble() * 90, (float)random.NextDouble() * 360);
    }

    public SkinnedMeshRenderer AddFace(IEnumerable<string> shapes, float full = 100f)
    {
        var face = new GameObject("face");
        face.transform.SetParent(Root.transform, false);
        var mesh = face.AddComponent<SkinnedMeshRenderer>();
        mesh.sharedMesh = new Mesh();
        foreach (var shape in shapes) mesh.sharedMesh.Shapes.Add(new KeyValuePair<string, float>(shape, full));
        return mesh;
    }

    /// <summary>Adds the driver. The clock is the real one, and the machine may stall: nothing is lost before Silence.</summary>
    public AvatarDriver Drive(Action<AvatarDriver> settings = null)
    {
        var receiver = Root.AddComponent<VmcReceiver>();
        receiver.enabled = false;
        receiver.port = port;
        receiver.enabled = true;
        Driver = Root.AddComponent<AvatarDriver>();
        Driver.hold = 5f;
        Driver.ease = Driver.back = 0.05f;
        settings?.Invoke(Driver);
        Scene.Step();
        return Driver;
    }

    public void Send(byte[] packet)
    {
        sender.Send(packet, packet.Length, new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <summary>Sends a packet, picture after picture, until the avatar has come there.</summary>
    public void Until(Func<bool> reached, byte[] packet, string what)
    {
        var end = VmcListener.Now + 60;
        while (!reached())
        {
            Check.That(VmcListener.Now < end, $"{what} was never reached; {string.Join(" ", Debug.Errors)}");
            if (packet != null) Send(packet);
            System.Threading.Thread.Sleep(4);
            Scene.Step(0.004f);
        }
    }

    /// <summary>Lets picture after picture pass without packets, until the avatar is at rest.</summary>
    public void Silence(Func<bool> reached)
    {
        Driver.hold = 0f;
        Until(reached, null, "rest");
        Scene.Step();
    }

    /// <summary>The turn of a bone from its rest, along the avatar's axes.</summary>
    public Quaternion Turn(HumanBodyBones bone)
    {
        return Quaternion.Inverse(Root.transform.rotation) * Bones[bone].rotation * Quaternion.Inverse(RestInAvatar[bone]);
    }

    public static int FreePort()
    {
        using (var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0))) return ((IPEndPoint)probe.Client.LocalEndPoint).Port;
    }

    public static byte[] Bone(HumanBodyBones bone, Quaternion q)
    {
        return Packets.Bone(bone.ToString(), q.x, q.y, q.z, q.w);
    }

    public void Dispose()
    {
        sender.Close();
        Scene.Clear();
    }
}
