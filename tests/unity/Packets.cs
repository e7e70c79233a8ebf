using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using VTuberBridge;

/// <summary>OSC packets, written out by the book.</summary>
public static class Packets
{
    /// <summary>Arguments: string, int, float, double, long, bool, null, byte[].</summary>
    public static byte[] Message(string address, params object[] arguments)
    {
        var tags = "," + string.Concat(arguments.Select(Tag));
        return Text(address).Concat(Text(tags)).Concat(arguments.SelectMany(Bytes)).ToArray();
    }

    public static byte[] Bundle(params byte[][] elements)
    {
        var head = Text("#bundle").Concat(new byte[] { 0, 0, 0, 0, 0, 0, 0, 1 });
        return head.Concat(elements.SelectMany(e => Big(BitConverter.GetBytes(e.Length)).Concat(e))).ToArray();
    }

    public static byte[] Bone(string name, float x, float y, float z, float w)
    {
        return Message("/VMC/Ext/Bone/Pos", name, 0f, 0f, 0f, x, y, z, w);
    }

    public static byte[] Value(string name, float value)
    {
        return Message("/VMC/Ext/Blend/Val", name, value);
    }

    public static byte[] Apply => Message("/VMC/Ext/Blend/Apply");

    /// <summary>One round of a sender: a head turn about y, degrees, and values.</summary>
    public static byte[] Round(float yaw, params byte[][] values)
    {
        var half = yaw * Math.PI / 360;
        var all = new List<byte[]> { Bone("Head", 0f, (float)Math.Sin(half), 0f, (float)Math.Cos(half)) };
        all.AddRange(values);
        all.Add(Apply);
        return Bundle(all.ToArray());
    }

    /// <summary>The packets of a golden file: each behind its length, four bytes, little-endian.</summary>
    public static List<byte[]> Golden(string path)
    {
        var found = new List<byte[]>();
        using (var file = new BinaryReader(File.OpenRead(path)))
        {
            while (file.BaseStream.Position < file.BaseStream.Length) found.Add(file.ReadBytes(file.ReadInt32()));
        }
        return found;
    }

    public static bool Take(this VmcReader reader, byte[] packet, double now = 0)
    {
        return reader.Read(packet, packet.Length, now);
    }

    public static byte[] Text(string text)
    {
        return Padded(Encoding.UTF8.GetBytes(text));
    }

    public static byte[] Padded(byte[] text)
    {
        return text.Concat(new byte[4 - text.Length % 4]).ToArray();
    }

    public static byte[] Big(byte[] little)
    {
        return BitConverter.IsLittleEndian ? little.Reverse().ToArray() : little;
    }

    private static string Tag(object argument)
    {
        if (argument is bool) return (bool)argument ? "T" : "F";
        return argument is string ? "s" : argument is int ? "i" : argument is float ? "f" : argument is double ? "d" :
            argument is long ? "h" : argument is byte[] ? "b" : "N";
    }

    private static byte[] Bytes(object argument)
    {
        if (argument is string) return Text((string)argument);
        if (argument is int) return Big(BitConverter.GetBytes((int)argument));
        if (argument is float) return Big(BitConverter.GetBytes((float)argument));
        if (argument is double) return Big(BitConverter.GetBytes((double)argument));
        if (argument is long) return Big(BitConverter.GetBytes((long)argument));
        var blob = argument as byte[];
        if (blob == null) return new byte[0];
        return Big(BitConverter.GetBytes(blob.Length)).Concat(blob).Concat(new byte[(4 - blob.Length % 4) % 4]).ToArray();
    }
}
