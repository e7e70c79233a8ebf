using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using VTuberBridge;

public static class OscTests
{
    /// <summary>Writes every message down as text.</summary>
    internal sealed class Log : IOscHandler
    {
        public readonly List<string> Messages = new List<string>();

        public void Handle(OscMessage message)
        {
            var words = new List<string> { Shown(message.Address) };
            while (message.Type != '\0') words.Add(Argument(message));
            Messages.Add(string.Join(" ", words));
        }

        private static string Argument(OscMessage message)
        {
            var type = message.Type;
            if (message.TryText(out var text)) return Shown(text);
            if (type == 'i' && message.TryInt(out var i)) return "i" + i;
            if (message.TryFloat(out var f)) return FormattableString.Invariant($"{type}{f:R}");
            return message.Skip() ? type.ToString() : "?";
        }

        internal static string Shown(OscText text)
        {
            return Encoding.UTF8.GetString(text.Data, text.Start, text.Length);
        }
    }

    private static string Read(byte[] packet, bool whole = true)
    {
        var log = new Log();
        Check.Same(whole, new OscPacket().Read(packet, packet.Length, log), "whole");
        return string.Join("; ", log.Messages);
    }

    public static void Every_type_of_argument_is_read_or_passed_over()
    {
        var packet = Packets.Message("/a", "text", 7, 0.5f, 0.25, -3L, true, false, null, new byte[] { 1, 2, 3, 4, 5 }, "äöü");
        Check.Same("/a text i7 f0.5 d0.25 h-3 T F N b äöü", Read(packet));
    }

    public static void Bundles_may_lie_in_bundles()
    {
        var inner = Packets.Bundle(Packets.Message("/b", 2), Packets.Message("/c"));
        Check.Same("/a i1; /b i2; /c; /d i4", Read(Packets.Bundle(Packets.Message("/a", 1), inner, Packets.Message("/d", 4))));
        Check.Same("", Read(Packets.Bundle()));
    }

    public static void Deep_nesting_ends_at_the_limit()
    {
        var deep = Packets.Message("/deep");
        for (var i = 0; i < OscPacket.MaxDepth; i++) deep = Packets.Bundle(deep);
        Check.Same("/deep", Read(deep));
        Check.Same("", Read(Packets.Bundle(deep), false));
        for (var i = 0; i < 2000; i++) deep = Packets.Bundle(deep);
        Check.Same("", Read(deep, false));
        Check.Same("/good", Read(Packets.Bundle(deep, Packets.Message("/good")), false));
    }

    public static void A_packet_cut_short_anywhere_gives_only_whole_messages()
    {
        var whole = Packets.Bundle(Packets.Message("/a", "name", 1f, 2f), Packets.Message("/b", "x", 3), Packets.Message("/c"));
        var expected = Read(whole).Split(new[] { "; " }, StringSplitOptions.None);
        for (var length = 0; length < whole.Length; length++)
        {
            var log = new Log();
            var sound = new OscPacket().Read(whole.Take(length).ToArray(), length, log);
            Check.That(log.Messages.SequenceEqual(expected.Take(log.Messages.Count)), $"cut to {length}");
            Check.That(!sound || log.Messages.Count < expected.Length, $"cut to {length} looks whole");
        }
    }

    public static void What_lies_behind_the_datagram_in_the_buffer_is_not_read()
    {
        var packet = Packets.Message("/a", "name", 1f);
        var log = new Log();
        Check.Same(false, new OscPacket().Read(packet, packet.Length - 4, log), "whole");
        Check.Same(0, log.Messages.Count, "messages");
    }

    public static void Counts_beyond_the_packet_are_refused()
    {
        foreach (var size in new[] { int.MaxValue, int.MinValue, -1, -4, 0, 3, 1 << 20 })
        {
            var packet = Packets.Bundle(Packets.Message("/a", 1)).ToArray();
            Array.Copy(Packets.Big(BitConverter.GetBytes(size)), 0, packet, 16, 4);
            Check.Same("", Read(packet, false));
        }
        foreach (var size in new[] { int.MaxValue, int.MaxValue - 3, int.MinValue, -1, 6, 1 << 30 })
        {
            var packet = Packets.Message("/a", new byte[] { 1, 2, 3, 4 });
            Array.Copy(Packets.Big(BitConverter.GetBytes(size)), 0, packet, packet.Length - 8, 4);
            Check.Same("", Read(packet, false));
        }
    }

    public static void What_is_no_message_is_refused()
    {
        Read(new byte[0], false);
        Read(new byte[] { 0, 0, 0, 0 }, false);
        Read(Encoding.ASCII.GetBytes("hello wo"), false);
        Read(Packets.Text("/no/tags"), false);
        Read(Encoding.ASCII.GetBytes("/endless"), false);
        Read(Packets.Text("/a").Concat(Encoding.ASCII.GetBytes(",fff")).ToArray(), false);
        Read(Packets.Text("/a").Concat(Packets.Text(",Q")).Concat(new byte[8]).ToArray(), false);
        Check.Same(false, new OscPacket().Read(new byte[4], 5, new Log()), "a count beyond the buffer");
        Check.Same(false, new OscPacket().Read(null, 0, new Log()), "no buffer");
    }

    public static void A_text_without_an_end_is_refused()
    {
        var packet = Packets.Text("/a").Concat(Packets.Text(",s")).Concat(Encoding.ASCII.GetBytes("12345678")).ToArray();
        Check.Same("", Read(packet, false));
    }

    public static void Types_are_not_mixed_up()
    {
        new OscPacket().Read(Packets.Message("/a", "s", 1, 2f), Packets.Message("/a", "s", 1, 2f).Length, new Strict());
        Check.That(Strict.Seen, "handled");
    }

    private sealed class Strict : IOscHandler
    {
        public static bool Seen;

        public void Handle(OscMessage message)
        {
            Check.That(!message.TryInt(out _) && !message.TryFloat(out _) && message.TryText(out _), "text first");
            Check.That(!message.TryText(out _) && message.TryInt(out var i) && i == 1, "then an integer");
            Check.That(!message.TryInt(out _) && message.TryFloat(out var f) && f == 2f, "then a float");
            Check.That(!message.TryFloat(out _) && !message.TryText(out _) && !message.Skip(), "then nothing");
            Seen = true;
        }
    }
}
