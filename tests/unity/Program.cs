using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using UnityEngine;
using VTuberBridge;

/// <summary>
/// test [PREFIX]            the tests
/// golden FILE              every message of a golden file, then the frame that they make
/// fuzz FILE COUNT SEED     mutated golden packets through the reader
/// drive                    a whole avatar on a free port, said first; where it looks and what it shows, when a line comes in
/// listen                   a receiver on a free port, said first; the frame, when a line comes in
/// </summary>
public static class Program
{
    public static int Main(string[] args)
    {
        System.Globalization.CultureInfo.DefaultThreadCurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
        Thread.CurrentThread.CurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
        Console.OutputEncoding = new System.Text.UTF8Encoding(false);
        switch (args[0])
        {
            case "test": return Check.Run(args.Length > 1 ? args[1] : "") == 0 ? 0 : 1;
            case "golden": return Golden(args[1]);
            case "fuzz": return Fuzz(args[1], int.Parse(args[2]), int.Parse(args[3]));
            case "drive": return Drive();
            case "listen": return Listen();
            default: return 2;
        }
    }

    private static int Golden(string path)
    {
        var reader = new VmcReader();
        var time = 0;
        foreach (var packet in Packets.Golden(path))
        {
            var log = new OscTests.Log();
            var whole = new OscPacket().Read(packet, packet.Length, log) & reader.Take(packet, ++time);
            Console.WriteLine($"packet {(whole ? "whole" : "broken")}");
            foreach (var message in log.Messages) Console.WriteLine("message " + message);
        }
        Print(reader.Frame);
        return 0;
    }

    private static void Print(VmcFrame frame)
    {
        for (var i = 0; i < HumanBones.Count; i++)
        {
            var q = frame.Bones[i];
            if (frame.BoneTimes[i] > VmcFrame.Never) Console.WriteLine($"bone {HumanBones.Names[i]} {q.X:R} {q.Y:R} {q.Z:R} {q.W:R}");
        }
        for (var i = 0; i < Channels.Custom + frame.CustomCount; i++)
        {
            var name = i < Channels.Custom ? Channels.Name(i) : frame.CustomNames[i - Channels.Custom];
            if (frame.WeightTimes[i] > VmcFrame.Never) Console.WriteLine($"weight {name} {frame.Weights[i]:R}");
        }
        Console.WriteLine($"root {frame.Root.X:R} {frame.Root.Y:R} {frame.Root.Z:R}");
        Console.WriteLine($"hips {frame.Hips.X:R} {frame.Hips.Y:R} {frame.Hips.Z:R}");
        Console.WriteLine($"status {(frame.Loaded ? 1 : 0)} {(frame.TrackingGood ? 1 : 0)} {frame.SenderTime:R}");
    }

    private static int Fuzz(string path, int count, int seed)
    {
        var random = new System.Random(seed);
        var packets = Packets.Golden(path);
        var good = Packets.Round(30f, Packets.Value("JawOpen", 0.75f));
        var reader = new VmcReader();
        var buffer = new byte[65536];
        var bad = 0;
        for (var i = 0; i < 1000; i++) reader.Take(good, i);
        GC.Collect();
        var before = GC.GetTotalMemory(true);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            var length = Mutated(packets, buffer, random);
            if (!reader.Read(buffer, length, i / 60.0)) bad++;
            Sane(reader.Frame, i);
            if (i % 100 != 0) continue;
            if (!reader.Take(good, i / 60.0) || reader.Frame.Weights[Channels.Of("jawOpen")] != 0.75f) throw new Exception($"the good packet after packet {i}");
        }
        var grown = GC.GetTotalMemory(true) - before;
        Console.WriteLine($"{count} packets, {bad} of them broken, {grown} bytes grown, {clock.ElapsedMilliseconds} ms");
        return grown < 200000 ? 0 : 1;
    }

    /// <summary>A packet with bytes changed, a part taken out, doubled or cut off, in the buffer; its length.</summary>
    private static int Mutated(List<byte[]> packets, byte[] buffer, System.Random random)
    {
        var packet = packets[random.Next(packets.Count)];
        Array.Copy(packet, buffer, packet.Length);
        var length = packet.Length;
        switch (random.Next(6))
        {
            case 0:
                return random.Next(length + 1);
            case 1:
                var from = random.Next(length);
                var gone = random.Next(length - from) + 1;
                Array.Copy(packet, from + gone, buffer, from, length - from - gone);
                return length - gone;
            case 2:
                var twice = random.Next(length);
                Array.Copy(packet, twice, buffer, length, length - twice);
                return length + length - twice;
            case 3:
                // Sizes, counts and floats are what hurts: four bytes at once, at their place.
                var extremes = new[] { int.MaxValue, int.MinValue, -1, 0, 1, 0x7fc00000, 0x7f800000, unchecked((int)0xff800000), length };
                Array.Copy(Packets.Big(BitConverter.GetBytes(extremes[random.Next(extremes.Length)])), 0, buffer, random.Next(length / 4) * 4, 4);
                return length;
            default:
                for (var n = random.Next(1, 9); n > 0; n--) buffer[random.Next(length)] = (byte)random.Next(256);
                return length;
        }
    }

    private static void Sane(VmcFrame frame, int i)
    {
        if (i % 50 != 0) return;
        foreach (var q in frame.Bones)
        {
            if (!(Math.Abs(q.X * q.X + q.Y * q.Y + q.Z * q.Z + q.W * q.W - 1) < 1e-4)) throw new Exception($"no rotation after packet {i}: {q}");
        }
        if (frame.Weights.Any(w => !(w >= 0 && w <= 1))) throw new Exception($"a weight is out of range after packet {i}");
        if (frame.CustomCount > Channels.MaxCustom) throw new Exception($"too many names after packet {i}");
        if (float.IsNaN(frame.Root.X + frame.Hips.Y + frame.SenderTime)) throw new Exception($"no number after packet {i}");
    }

    private static int Drive()
    {
        using (var puppet = new Puppet(true))
        {
            var mesh = puppet.AddFace(Wire.Arkit);
            puppet.Drive(d => d.hold = 5f);
            Console.WriteLine(puppet.Port);
            Console.Out.Flush();
            var asked = new Thread(() => Console.ReadLine()) { IsBackground = true };
            asked.Start();
            while (asked.IsAlive)
            {
                Scene.Step(0.01f);
                Thread.Sleep(10);
            }
            foreach (var bone in new[] { HumanBodyBones.Head, HumanBodyBones.LeftEye, HumanBodyBones.RightEye })
            {
                var forward = puppet.Turn(bone) * Vector3.forward;
                var up = puppet.Turn(bone) * Vector3.up;
                Console.WriteLine($"bone {bone} {forward.x:R} {forward.y:R} {forward.z:R} {up.x:R} {up.y:R} {up.z:R}");
            }
            for (var i = 0; i < Wire.Arkit.Length; i++) Console.WriteLine($"weight {Wire.Arkit[i]} {mesh.GetBlendShapeWeight(i):R}");
            return 0;
        }
    }

    private static int Listen()
    {
        var receiver = new GameObject("receiver").AddComponent<VmcReceiver>();
        receiver.enabled = false;
        receiver.port = Puppet.FreePort();
        receiver.enabled = true;
        Console.WriteLine(receiver.port);
        Console.Out.Flush();
        Console.ReadLine();
        var frame = new VmcFrame();
        receiver.Read(frame);
        receiver.Count(out var packets, out var bad);
        Console.WriteLine($"packets {packets} {bad}");
        Console.WriteLine($"interval {frame.Interval:R}");
        Print(frame);
        receiver.enabled = false;
        return 0;
    }
}
