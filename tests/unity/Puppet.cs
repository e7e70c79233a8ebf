using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using UnityEngine;
using VTuberBridge;
using Debug = UnityEngine.Debug;

/// <summary>An avatar made for tests, its driver, and a sender that speaks to it over a real socket.</summary>
internal sealed class Puppet : IDisposable
{
    public readonly GameObject Root = new GameObject("avatar");
    public readonly Animator Animator;
    public readonly Dictionary<HumanBodyBones, Transform> Bones = new Dictionary<HumanBodyBones, Transform>();
    public readonly Dictionary<HumanBodyBones, Quaternion> RestInAvatar = new Dictionary<HumanBodyBones, Quaternion>();
    public AvatarDriver Driver;
    public int Port => port;
    private readonly int port = FreePort();

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

    /// <summary>Adds the driver.</summary>
    public AvatarDriver Drive(Action<AvatarDriver> settings = null)
    {
        var receiver = Root.AddComponent<VmcReceiver>();
        receiver.enabled = false;
        receiver.port = port;
        receiver.enabled = true;
        Driver = Root.AddComponent<AvatarDriver>();
        settings?.Invoke(Driver);
        Scene.Step();
        return Driver;
    }

    /// <summary>Sends a packet, picture after picture at 60 a second of the test's own time, until the avatar has come there.</summary>
    public void Until(Func<bool> reached, byte[] packet, string what)
    {
        Until(Root.GetComponent<VmcReceiver>(), reached, packet, what);
    }

    public static void Until(VmcReceiver receiver, Func<bool> reached, byte[] packet, string what)
    {
        for (var pictures = 0; !reached(); pictures++)
        {
            Check.That(pictures < 600, $"{what} was never reached; {string.Join(" ", Debug.Errors)}");
            if (packet != null) Deliver(receiver, packet);
            Scene.Step();
        }
    }

    /// <summary>Sends a packet, and waits until the receiver's thread has it.</summary>
    private static void Deliver(VmcReceiver receiver, byte[] packet)
    {
        receiver.Count(out var before, out _);
        using (var sender = new UdpClient()) sender.Send(packet, packet.Length, new IPEndPoint(IPAddress.Loopback, receiver.port));
        var waited = Stopwatch.StartNew();
        for (var now = before; now == before; receiver.Count(out now, out _))
        {
            Check.That(waited.ElapsedMilliseconds < 60000, "a packet never came");
            System.Threading.Thread.Sleep(0);
        }
    }

    /// <summary>Lets picture after picture pass without packets, until the avatar is at rest.</summary>
    public void Silence(Func<bool> reached)
    {
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
        Scene.Clear();
    }
}
