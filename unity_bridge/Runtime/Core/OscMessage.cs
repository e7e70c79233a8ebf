using System;
using System.Runtime.InteropServices;

namespace VTuberBridge
{
    /// <summary>
    /// One OSC 1.0 message, read where it lies. Its bounds are checked once, as a whole; then the arguments are taken
    /// from left to right. A type that OSC 1.0 does not name makes the message unreadable: its length is unknown.
    /// </summary>
    public sealed class OscMessage
    {
        private const byte Comma = 0x2c;

        private byte[] data = Array.Empty<byte>();
        private int address;
        private int addressEnd;
        private int tag;
        private int tagEnd;
        private int argument;

        public OscText Address => new OscText(data, address, addressEnd - address);

        /// <summary>Type tag of the argument that is next; a zero when none is left.</summary>
        public char Type => tag < tagEnd ? (char)data[tag] : '\0';

        /// <summary>Whether the address is this one, given as ASCII.</summary>
        public bool Is(byte[] other)
        {
            if (addressEnd - address != other.Length) return false;
            for (var i = 0; i < other.Length; i++)
            {
                if (data[address + i] != other[i]) return false;
            }
            return true;
        }

        /// <summary>Takes a text; false when the next argument is none. The bytes stay where they are.</summary>
        public bool TryText(out OscText text)
        {
            text = default;
            if (Type != 's' && Type != 'S') return false;
            text = new OscText(data, argument, ZeroAfter(data, argument, data.Length) - argument);
            return Skip();
        }

        /// <summary>Takes a finite number of any numeric type: many senders write 0 and 1 as integers.</summary>
        public bool TryFloat(out float value)
        {
            value = 0f;
            switch (Type)
            {
                case 'f': value = new Bits { Integer = Int32(data, argument) }.Single; break;
                case 'd': value = (float)BitConverter.Int64BitsToDouble(Int64(data, argument)); break;
                case 'i': value = Int32(data, argument); break;
                case 'h': value = Int64(data, argument); break;
                default: return false;
            }
            return !float.IsNaN(value) && !float.IsInfinity(value) && Skip();
        }

        /// <summary>Takes an integer.</summary>
        public bool TryInt(out int value)
        {
            value = 0;
            if (Type != 'i') return false;
            value = Int32(data, argument);
            return Skip();
        }

        internal static int Int32(byte[] data, int at)
        {
            return data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];
        }

        private static long Int64(byte[] data, int at)
        {
            return (long)Int32(data, at) << 32 | (uint)Int32(data, at + 4);
        }

        /// <summary>Takes data[start .. end) as the message. False when it is none, or ends before its arguments do.</summary>
        internal bool Open(byte[] bytes, int start, int end)
        {
            data = bytes;
            address = start;
            addressEnd = ZeroAfter(bytes, start, end);
            if (addressEnd < 0 || addressEnd == start || bytes[start] != '/') return false;
            tag = Padded(start, addressEnd);
            // Very old senders leave the type tags out: then nothing can be known of the arguments.
            if (tag >= end || bytes[tag] != Comma) return false;
            tagEnd = ZeroAfter(bytes, tag, end);
            if (tagEnd < 0) return false;
            argument = Padded(tag, tagEnd);
            tag++;
            return argument <= end && ArgumentsFit(end);
        }

        /// <summary>One float's bits: BitConverter has no such method in every profile that Unity offers.</summary>
        [StructLayout(LayoutKind.Explicit)]
        private struct Bits
        {
            [FieldOffset(0)] public int Integer;
            [FieldOffset(0)] public readonly float Single;
        }

        private bool ArgumentsFit(int end)
        {
            var at = argument;
            for (var i = tag; i < tagEnd; i++)
            {
                var length = Length(data[i], at, end);
                if (length < 0 || length > end - at) return false;
                at += length;
            }
            return true;
        }

        /// <summary>Passes over an argument of any type; false when none is left.</summary>
        public bool Skip()
        {
            if (Type == '\0') return false;
            argument += Length(data[tag], argument, data.Length);
            tag++;
            return true;
        }

        /// <summary>Bytes of an argument with its padding; -1 when that cannot be told.</summary>
        private int Length(byte type, int at, int end)
        {
            switch ((char)type)
            {
                case 'i':
                case 'f':
                case 'c':
                case 'r':
                case 'm':
                    return 4;
                case 'h':
                case 'd':
                case 't':
                    return 8;
                case 's':
                case 'S':
                    var zero = ZeroAfter(data, at, end);
                    return zero < 0 ? -1 : Padded(at, zero) - at;
                case 'b':
                    if (end - at < 4) return -1;
                    var size = Int32(data, at);
                    return size < 0 || size > end - at - 4 ? -1 : 4 + (size + 3) / 4 * 4;
                case 'T':
                case 'F':
                case 'N':
                case 'I':
                case '[':
                case ']':
                    return 0;
                default:
                    return -1;
            }
        }

        private static int ZeroAfter(byte[] data, int at, int end)
        {
            return at < end ? Array.IndexOf(data, (byte)0, at, end - at) : -1;
        }

        /// <summary>Where the field after a text lies: texts end with one to four zeros, on a multiple of four bytes.</summary>
        private static int Padded(int start, int zero)
        {
            return start + ((zero - start) / 4 + 1) * 4;
        }
    }
}
