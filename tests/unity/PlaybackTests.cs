using System;
using System.Collections.Generic;
using VTuberBridge;

public static class PlaybackTests
{
    private static readonly int Jaw = Channels.Of("jawOpen");

    /// <summary>A sender and a display: packets at `rate` a second while `sends(t)`, pictures at 60; what was shown at each.</summary>
    private static List<(double t, double yaw, double jaw)> Play(double seconds, double rate, Func<double, bool> sends, Func<double, double> yaw)
    {
        var reader = new VmcReader();
        var playback = new Playback();
        var shown = new List<(double, double, double)>();
        var next = 0.0;
        for (var picture = 0; picture < seconds * 60; picture++)
        {
            var now = 100 + picture / 60.0 + 0.002;
            for (; 100 + next <= now; next += 1 / rate)
            {
                if (sends(next)) reader.Take(Packets.Round((float)yaw(next), Packets.Value("JawOpen", 1f)), 100 + next);
            }
            playback.Update(reader.Frame, now);
            var turn = playback.HeadTurn;
            shown.Add((now - 100, 2 * Math.Atan2(turn.Y, turn.W) * 180 / Math.PI, playback.Weight(Jaw)));
        }
        return shown;
    }

    private static double LargestStep(List<(double t, double yaw, double jaw)> shown, Func<(double t, double yaw, double jaw), double> what)
    {
        var largest = 0.0;
        for (var i = 1; i < shown.Count; i++) largest = Math.Max(largest, Math.Abs(what(shown[i]) - what(shown[i - 1])));
        return largest;
    }

    public static void A_steady_turn_is_shown_evenly_at_the_displays_rate()
    {
        foreach (var rate in new[] { 15.0, 24.0, 30.0, 60.0 })
        {
            // 30 degrees a second: half a degree a picture.
            var shown = Play(4, rate, t => true, t => 30 * t - 60).FindAll(s => s.t > 2);
            for (var i = 1; i < shown.Count; i++)
            {
                Check.Near(0.5, shown[i].yaw - shown[i - 1].yaw, 0.26, $"{rate} a second, step at {shown[i].t:F3}");
                Check.Near(30 * (shown[i].t - 1 / rate) - 60, shown[i].yaw, 30 * 0.6 / rate + 0.6, $"{rate} a second, one interval late");
            }
        }
    }

    public static void What_has_come_is_reached_exactly()
    {
        var shown = Play(2, 30, t => true, t => t < 1 ? 0 : 25);
        Check.Near(25, shown[shown.Count - 1].yaw, 1e-3, "head");
        Check.Near(1, shown[shown.Count - 1].jaw, 1e-6, "jaw");
    }

    public static void The_first_packets_blend_in()
    {
        var shown = Play(2, 30, t => t > 0.5, t => 40);
        Check.Near(0, shown[29].yaw, 1e-6, "before");
        Check.Near(40, shown[80].yaw, 1e-3, "after");
        Check.That(LargestStep(shown, s => s.yaw) < 3, "no jump");
        Check.That(LargestStep(shown, s => s.jaw) < 0.08, "no jump of the jaw");
    }

    public static void When_packets_stop_the_pose_is_held_and_then_eased_to_rest()
    {
        var shown = Play(5, 30, t => t < 2, t => 40);
        Check.Near(40, shown.Find(s => s.t > 2.35).yaw, 1e-3, "held");
        var half = shown.Find(s => s.t > 3).yaw;
        Check.That(half > 5 && half < 35, $"on the way: {half}");
        Check.Near(0, shown[shown.Count - 1].yaw, 1e-6, "at rest");
        Check.Near(0, shown[shown.Count - 1].jaw, 1e-6, "mouth shut");
        Check.That(LargestStep(shown.FindAll(s => s.t > 1), s => s.yaw) < 1.5, "no jump");
    }

    public static void A_short_gap_is_not_seen()
    {
        var shown = Play(4, 30, t => t < 2 || t > 2.3, t => 40).FindAll(s => s.t > 1.5);
        Check.That(LargestStep(shown, s => s.yaw) < 1e-3, "head still");
        Check.That(LargestStep(shown, s => s.jaw) < 1e-6, "jaw still");
    }

    public static void Coming_back_blends_from_where_it_was()
    {
        foreach (var gap in new[] { 0.9, 1.4, 3.0 })
        {
            var shown = Play(4 + gap, 30, t => t < 2 || t > 2 + gap, t => t < 2 ? 40 : -40);
            Check.Near(-40, shown[shown.Count - 1].yaw, 1e-3, "back");
            // 80 degrees within the interval of a packet would be 40 a picture.
            Check.That(LargestStep(shown.FindAll(s => s.t > 1), s => s.yaw) < (gap > 2 ? 3 : 27), $"after {gap} s: {LargestStep(shown, s => s.yaw)}");
        }
    }

    public static void One_value_that_its_sender_drops_goes_to_rest_alone()
    {
        var reader = new VmcReader();
        var playback = new Playback();
        for (var i = 0; i < 360; i++)
        {
            var now = i / 60.0;
            var packet = now < 1 ? Packets.Round(20f, Packets.Value("JawOpen", 1f), Packets.Value("Joy", 1f)) : Packets.Round(20f, Packets.Value("Joy", 1f));
            reader.Take(packet, now);
            playback.Update(reader.Frame, now);
            if (now < 2.9 && now > 1) Check.Same(1f, playback.Weight(Jaw), "some send on change only");
        }
        Check.Same(0f, playback.Weight(Jaw), "jaw");
        Check.Same(1f, playback.Weight(Channels.Of("happy")), "smile");
        Check.That(!playback.HasArkit, "no ARKit any more");
        Check.Same(1f, playback.BoneShare(HumanBones.Head), "head");
    }

    public static void Late_packets_make_no_jumps()
    {
        var random = new Random(7);
        var reader = new VmcReader();
        var playback = new Playback();
        double last = 0, largest = 0, arrival = 0;
        for (var i = 0; i < 600; i++)
        {
            var now = i / 60.0;
            // Every second picture a packet of a slow turn, up to 25 ms late.
            if (i % 2 == 0) arrival = now - 0.001 + random.NextDouble() * 0.025;
            if (arrival > 0 && arrival <= now)
            {
                reader.Take(Packets.Round((float)(20 * Math.Sin(arrival)), Packets.Value("JawOpen", 1f)), arrival);
                arrival = 0;
            }
            playback.Update(reader.Frame, now);
            var yaw = 2 * Math.Atan2(playback.HeadTurn.Y, playback.HeadTurn.W) * 180 / Math.PI;
            if (now > 2) largest = Math.Max(largest, Math.Abs(yaw - last));
            last = yaw;
        }
        Check.That(largest < 1.0, $"largest step {largest} degrees, of a motion of 0.33 a picture");
    }

    public static void Root_and_hips_come_along()
    {
        var reader = new VmcReader();
        var playback = new Playback();
        for (var i = 0; i < 120; i++)
        {
            reader.Take(Packets.Bundle(
                Packets.Message("/VMC/Ext/Root/Pos", "root", 0.1f, -0.2f, 0.3f, 0f, 0.6f, 0f, 0.8f),
                Packets.Message("/VMC/Ext/Bone/Pos", "Hips", 0f, 0.9f, 0f, 0f, 0f, 0f, 1f)), i / 60.0);
            playback.Update(reader.Frame, i / 60.0);
        }
        Check.Same(1f, playback.RootShare, "share");
        Check.Near(-0.2, playback.Root.Y, 1e-6, "root");
        Check.Near(0.6, playback.RootRotation.Y, 1e-6, "turn");
        Check.Near(0.9, playback.Hips.Y, 1e-6, "hips");
    }

    public static void Showing_costs_no_memory()
    {
        var reader = new VmcReader();
        var playback = new Playback();
        var copy = new VmcFrame();
        reader.Take(Packets.Round(10f, Packets.Value("JawOpen", 1f), Packets.Value("Own name", 1f)), 0);
        for (var i = 0; i < 100; i++) playback.Update(reader.Frame, i / 60.0);
        var before = GC.CollectionCount(0);
        for (var i = 0; i < 5000; i++)
        {
            reader.Frame.CopyTo(copy);
            playback.Update(copy, i / 60.0);
        }
        Check.Same(before, GC.CollectionCount(0), "collections");
    }
}
