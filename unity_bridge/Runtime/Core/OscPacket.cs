namespace VTuberBridge
{
    /// <summary>Takes the messages of a packet, one after the other.</summary>
    public interface IOscHandler
    {
        /// <param name="message">Valid during the call only: the object is used again for the next message.</param>
        void Handle(OscMessage message);
    }

    /// <summary>Walks through one OSC 1.0 packet: a message, or bundles of them. Allocates nothing, keeps nothing.</summary>
    public sealed class OscPacket
    {
        /// <summary>Bundles within bundles that are followed; nobody sends more than two.</summary>
        public const int MaxDepth = 4;

        private const int BundleHeader = 16; // "#bundle\0" and a time tag of 8 bytes
        private const int SizeField = 4;

        private static readonly byte[] BundleMark = { 0x23, 0x62, 0x75, 0x6e, 0x64, 0x6c, 0x65, 0x00 };

        private readonly OscMessage message = new OscMessage();

        /// <summary>
        /// Hands every whole message in data[0 .. count) to the handler.
        /// </summary>
        /// <returns>False when some of it was no OSC: the sound messages were handed over all the same.</returns>
        public bool Read(byte[] data, int count, IOscHandler handler)
        {
            if (data == null || handler == null || count < 0 || count > data.Length) return false;
            return ReadElement(data, 0, count, handler, 0);
        }

        private bool ReadElement(byte[] data, int start, int end, IOscHandler handler, int depth)
        {
            if (StartsWithMark(data, start, end)) return depth < MaxDepth && ReadBundle(data, start, end, handler, depth);
            if (!message.Open(data, start, end)) return false;
            handler.Handle(message);
            return true;
        }

        private bool ReadBundle(byte[] data, int start, int end, IOscHandler handler, int depth)
        {
            if (end - start < BundleHeader) return false;
            var sound = true;
            var position = start + BundleHeader;
            while (position < end)
            {
                if (end - position < SizeField) return false;
                var size = OscMessage.Int32(data, position);
                position += SizeField;
                // A size beyond the packet leaves no way to find the next element.
                if (size <= 0 || size > end - position || size % 4 != 0) return false;
                sound &= ReadElement(data, position, position + size, handler, depth + 1);
                position += size;
            }
            return sound;
        }

        private static bool StartsWithMark(byte[] data, int start, int end)
        {
            if (end - start < BundleMark.Length) return false;
            for (var i = 0; i < BundleMark.Length; i++)
            {
                if (data[start + i] != BundleMark[i]) return false;
            }
            return true;
        }
    }
}
