namespace VTuberBridge
{
    /// <summary>A text within a packet, as UTF-8 bytes that nobody has copied.</summary>
    public readonly struct OscText
    {
        public readonly byte[] Data;
        public readonly int Start;
        public readonly int Length;

        public OscText(byte[] data, int start, int length)
        {
            Data = data;
            Start = start;
            Length = length;
        }
    }
}
