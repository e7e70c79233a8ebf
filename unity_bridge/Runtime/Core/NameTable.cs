using System;
using System.Text;

namespace VTuberBridge
{
    /// <summary>
    /// Turns the names in packets into small numbers, without regard to ASCII case and without a string for each packet.
    /// It never forgets a name and never holds more than it was made for.
    /// </summary>
    public sealed class NameTable
    {
        /// <summary>Longest name that is taken, bytes.</summary>
        public const int MaxLength = 128;

        public const int Unknown = -1;

        private readonly byte[][] keys;
        private readonly string[] names;
        private readonly int[] slots;

        /// <param name="capacity">Names that it can hold</param>
        public NameTable(int capacity)
        {
            keys = new byte[capacity][];
            names = new string[capacity];
            slots = new int[capacity * 2 + 1];
        }

        public int Count { get; private set; }

        public string this[int index] => names[index];

        public int Add(string name)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            return FindOrAdd(new OscText(bytes, 0, bytes.Length));
        }

        /// <summary>The number of a name; Unknown when it was never added.</summary>
        public int Find(OscText text)
        {
            if (text.Length < 1 || text.Length > MaxLength) return Unknown;
            return slots[Slot(text)] - 1;
        }

        /// <summary>The number of a name, new or old; Unknown when it is too long, no UTF-8, or one too many.</summary>
        public int FindOrAdd(OscText text)
        {
            if (text.Length < 1 || text.Length > MaxLength) return Unknown;
            var slot = Slot(text);
            if (slots[slot] > 0) return slots[slot] - 1;
            if (Count == keys.Length) return Unknown;
            var name = Encoding.UTF8.GetString(text.Data, text.Start, text.Length);
            // What is no UTF-8 is decoded to this replacement character.
            if (name.IndexOf('\ufffd') >= 0) return Unknown;
            var key = new byte[text.Length];
            for (var i = 0; i < key.Length; i++) key[i] = Lower(text.Data[text.Start + i]);
            keys[Count] = key;
            names[Count] = name;
            slots[slot] = ++Count;
            return Count - 1;
        }

        /// <summary>Where the name is, or where it would be put. Half of the slots are always free, so the search ends.</summary>
        private int Slot(OscText text)
        {
            var hash = 2166136261u; // FNV-1a
            for (var i = 0; i < text.Length; i++) hash = (hash ^ Lower(text.Data[text.Start + i])) * 16777619u;
            var slot = (int)(hash % (uint)slots.Length);
            while (slots[slot] > 0 && !Same(keys[slots[slot] - 1], text)) slot = (slot + 1) % slots.Length;
            return slot;
        }

        private static bool Same(byte[] key, OscText text)
        {
            if (key.Length != text.Length) return false;
            for (var i = 0; i < key.Length; i++)
            {
                if (key[i] != Lower(text.Data[text.Start + i])) return false;
            }
            return true;
        }

        private static byte Lower(byte b)
        {
            return b >= 'A' && b <= 'Z' ? (byte)(b + 32) : b;
        }
    }
}
