using System;
using System.Linq;
using VTuberBridge;

public static class ReaderTests
{
    private static float Weight(VmcReader reader, string name)
    {
        return reader.Frame.Weights[Channels.Of(name)];
    }

    private static void Good(VmcReader reader)
    {
        var bone = Packets.Bone("Head", 0f, 0.6f, 0f, 0.8f);
        Check.That(reader.Take(Packets.Bundle(bone, Packets.Value("JawOpen", 0.75f), Packets.Apply), 5), "the good one");
        Check.Near(0.6, reader.Frame.Bones[HumanBones.Head].Y, 1e-6, "head");
        Check.Near(0.75, Weight(reader, "jawOpen"), 1e-6, "jaw");
        Check.Same(5.0, reader.Frame.Time, "time");
    }

    public static void Bones_are_taken_by_name_whatever_their_case()
    {
        var reader = new VmcReader();
        for (var i = 0; i < HumanBones.Count; i++)
        {
            var name = i % 2 == 0 ? HumanBones.Names[i] : HumanBones.Names[i].ToUpperInvariant();
            Check.That(reader.Take(Packets.Bone(name, 0f, 0f, (float)Math.Sin(i * 0.02), (float)Math.Cos(i * 0.02)), i), name);
            Check.Near(Math.Sin(i * 0.02), reader.Frame.Bones[i].Z, 1e-6, name);
            Check.Same((double)i, reader.Frame.BoneTimes[i], name);
        }
    }

    public static void Quaternions_are_brought_to_unit_length()
    {
        var reader = new VmcReader();
        Check.That(reader.Take(Packets.Bone("Neck", 0f, 3f, 0f, 4f)), "taken");
        Check.Near(0.6, reader.Frame.Bones[HumanBones.Neck].Y, 1e-6);
        Check.That(!reader.Take(Packets.Bone("Neck", 0f, 0f, 0f, 0f)), "no rotation at all");
        Check.Near(0.6, reader.Frame.Bones[HumanBones.Neck].Y, 1e-6, "kept");
    }

    public static void Bones_that_nobody_has_are_passed_over()
    {
        var reader = new VmcReader();
        Check.That(reader.Take(Packets.Bone("LastBone", 0f, 0f, 0f, 1f)), "the enumeration's end");
        Check.That(reader.Take(Packets.Bone("Tail", 0f, 0f, 0f, 1f)), "a tail");
        Check.That(reader.Frame.BoneTimes.All(double.IsNegativeInfinity), "nothing set");
        Good(reader);
    }

    public static void Weights_wait_for_apply()
    {
        var reader = new VmcReader();
        reader.Take(Packets.Value("Joy", 1f), 1);
        Check.Same(0f, Weight(reader, "happy"), "before");
        reader.Take(Packets.Apply, 2);
        Check.Same(1f, Weight(reader, "happy"), "after");
        Check.Same(2.0, reader.Frame.WeightTimes[Channels.Of("happy")], "when");
    }

    public static void A_missing_apply_is_made_up_for_when_the_name_comes_again()
    {
        var reader = new VmcReader();
        reader.Take(Packets.Bundle(Packets.Value("A", 0.25f), Packets.Value("I", 0.5f)), 1);
        reader.Take(Packets.Bundle(Packets.Value("A", 0.75f), Packets.Value("I", 1f)), 2);
        Check.Same(0.25f, Weight(reader, "aa"), "aa");
        Check.Same(0.5f, Weight(reader, "ih"), "ih");
    }

    public static void Both_vocabularies_and_perfect_sync_are_understood()
    {
        var reader = new VmcReader();
        var names = new[] { "Blink_L", "blinkRight", "JAWOPEN", "browInnerUp", "Sorrow", "MouthSmileLeft" };
        foreach (var name in names) reader.Take(Packets.Value(name, 0.5f));
        reader.Take(Packets.Apply);
        foreach (var name in new[] { "blinkLeft", "blinkRight", "jawOpen", "browInnerUp", "sad", "mouthSmileLeft" })
        {
            Check.Same(0.5f, Weight(reader, name), name);
        }
        Check.Same(0, reader.Frame.CustomCount, "own names");
    }

    public static void Weights_out_of_range_are_held_and_integers_count()
    {
        var reader = new VmcReader();
        reader.Take(Packets.Bundle(Packets.Value("Joy", 7f), Packets.Value("Fun", -7f), Packets.Message("/VMC/Ext/Blend/Val", "Sorrow", 1), Packets.Apply));
        Check.Same(1f, Weight(reader, "happy"), "happy");
        Check.Same(0f, Weight(reader, "relaxed"), "relaxed");
        Check.Same(1f, Weight(reader, "sad"), "sad");
    }

    public static void Not_a_number_and_infinities_change_nothing()
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var reader = new VmcReader();
            Check.That(!reader.Take(Packets.Bone("Head", bad, 0f, 0f, 1f)), "rotation");
            Check.That(!reader.Take(Packets.Message("/VMC/Ext/Bone/Pos", "Head", bad, 0f, 0f, 0f, 0f, 0f, 1f)), "position");
            Check.That(!reader.Take(Packets.Message("/VMC/Ext/Root/Pos", "root", 0f, bad, 0f, 0f, 0f, 0f, 1f)), "root");
            Check.That(!reader.Take(Packets.Value("Joy", bad)), "weight");
            Check.That(!reader.Take(Packets.Message("/VMC/Ext/T", bad)), "time");
            reader.Take(Packets.Apply);
            Check.Same(0f, Weight(reader, "happy"), "happy");
            Check.Same(1f, reader.Frame.Bones[HumanBones.Head].W, "head");
            Check.Same(VmcFrame.Never, reader.Frame.Time, "nothing heard");
            Good(reader);
        }
        var huge = new VmcReader();
        Check.That(huge.Take(Packets.Bone("Head", float.MaxValue, float.MaxValue, float.MaxValue, float.MaxValue)), "huge, but a direction");
        Check.Near(0.5, huge.Frame.Bones[HumanBones.Head].X, 1e-6, "huge");
    }

    public static void Too_few_arguments_and_wrong_types_are_refused_and_more_are_welcome()
    {
        var reader = new VmcReader();
        Check.That(!reader.Take(Packets.Message("/VMC/Ext/Bone/Pos", "Head", 0f, 0f, 0f, 0f, 0f, 1f)), "six numbers");
        Check.That(!reader.Take(Packets.Message("/VMC/Ext/Bone/Pos", 1f, 0f, 0f, 0f, 0f, 0f, 0f, 1f)), "no name");
        Check.That(!reader.Take(Packets.Message("/VMC/Ext/Blend/Val", "Joy")), "no value");
        Check.That(!reader.Take(Packets.Message("/VMC/Ext/Blend/Val", "Joy", "1")), "a text");
        Check.That(!reader.Take(Packets.Message("/VMC/Ext/OK")), "no status");
        Check.That(!reader.Take(Packets.Message("/VMC/Ext/T", "now")), "no time");
        Check.That(reader.Take(Packets.Message("/VMC/Ext/Root/Pos", "root", 1f, 2f, 3f, 0f, 0f, 0f, 1f, 1f, 1f, 1f, 0f, 0f, 0f)), "version 2.1");
        Check.Same(2f, reader.Frame.Root.Y, "root");
        Check.That(reader.Take(Packets.Message("/VMC/Ext/Camera/Of/Tomorrow", "x", 1)), "unknown addresses");
        Good(reader);
    }

    public static void Status_grows_with_the_versions()
    {
        var reader = new VmcReader();
        Check.That(!reader.Frame.Loaded && reader.Frame.TrackingGood, "at first");
        reader.Take(Packets.Message("/VMC/Ext/OK", 1));
        Check.That(reader.Frame.Loaded && reader.Frame.TrackingGood, "2.0");
        reader.Take(Packets.Message("/VMC/Ext/OK", 1, 3, 0, 0));
        Check.That(reader.Frame.Loaded && !reader.Frame.TrackingGood, "2.7, bad");
        reader.Take(Packets.Message("/VMC/Ext/OK", 0, 3, 0, 1));
        Check.That(!reader.Frame.Loaded && reader.Frame.TrackingGood, "2.7, not loaded");
        reader.Take(Packets.Message("/VMC/Ext/T", 12.5f));
        Check.Same(12.5f, reader.Frame.SenderTime, "T");
    }

    public static void Oversized_names_are_refused()
    {
        var reader = new VmcReader();
        Check.That(reader.Take(Packets.Value(new string('x', NameTable.MaxLength), 1f)), "the longest");
        Check.That(!reader.Take(Packets.Value(new string('x', NameTable.MaxLength + 1), 1f)), "one more");
        Check.That(!reader.Take(Packets.Value(new string('x', 60000), 1f)), "a whole packet of it");
        Check.That(!reader.Take(Packets.Value("", 1f)), "none");
        Good(reader);
    }

    public static void Names_that_are_no_utf8_are_refused()
    {
        var reader = new VmcReader();
        foreach (var name in new[] { new byte[] { 0xff, 0xfe }, new byte[] { 0xc3 }, new byte[] { 0x41, 0xed, 0xa0, 0x80 } })
        {
            var packet = Packets.Text("/VMC/Ext/Blend/Val").Concat(Packets.Text(",sf")).Concat(Packets.Padded(name)).Concat(new byte[4]);
            Check.That(!reader.Take(packet.ToArray()), "no UTF-8");
        }
        Check.That(reader.Take(Packets.Value("笑顔", 1f)), "Japanese");
        Check.Same("笑顔", reader.Frame.CustomNames[0], "Japanese");
        Good(reader);
    }

    public static void However_many_names_come_nothing_grows_and_the_known_ones_still_work()
    {
        var reader = new VmcReader();
        for (var i = 0; i < 20000; i++) reader.Take(Packets.Value("Name " + i, 1f));
        for (var i = 0; i < 20000; i++) reader.Take(Packets.Bone("Bone " + i, 0f, 0f, 0f, 1f));
        Check.Same(Channels.MaxCustom, reader.Frame.CustomCount, "own names");
        reader.Take(Packets.Apply);
        Check.Same(1f, reader.Frame.Weights[Channels.Custom + 7], "Name 7");
        Good(reader);
    }

    public static void Steady_packets_cost_no_memory()
    {
        var reader = new VmcReader();
        var weights = Wire.Arkit.Concat(new[] { "Own name" }).Select(n => Packets.Value(n, 0.5f)).ToArray();
        var packet = Packets.Round(10f, weights);
        for (var i = 0; i < 1000; i++) reader.Take(packet, i / 60.0);
        var before = GC.CollectionCount(0);
        for (var i = 0; i < 20000; i++) reader.Take(packet, i / 60.0);
        Check.Same(before, GC.CollectionCount(0), "collections");
    }

    public static void The_senders_rate_is_learnt_whatever_it_sends()
    {
        foreach (var rate in new[] { 15.0, 30.0, 60.0, 120.0 })
        {
            var reader = new VmcReader();
            // Each round comes as three packets, half a millisecond apart, and says one thing under two names.
            for (var i = 0; i < 200; i++)
            {
                var t = i / rate;
                reader.Take(Packets.Bundle(Packets.Bone("Neck", 0f, 0f, 0f, 1f), Packets.Bone("Head", 0f, 0f, 0f, 1f)), t);
                reader.Take(Packets.Bundle(Packets.Value("Joy", 1f), Packets.Value("happy", 1f)), t + 0.0005);
                reader.Take(Packets.Bundle(Packets.Value("JawOpen", 1f), Packets.Apply), t + 0.001);
            }
            Check.Near(1 / rate, reader.Frame.Interval, 0.02 / rate, $"{rate} a second");
        }
    }
}
