namespace VTuberBridge
{
    /// <summary>Weights that have come and wait to be applied, each channel at most once.</summary>
    internal sealed class Staged
    {
        private readonly float[] values = new float[Channels.Count];
        private readonly bool[] held = new bool[Channels.Count];
        private readonly int[] order = new int[Channels.Count];

        public int Count { get; private set; }

        public bool Holds(int channel)
        {
            return held[channel];
        }

        public void Put(int channel, float value)
        {
            if (!held[channel]) order[Count++] = channel;
            held[channel] = true;
            values[channel] = value;
        }

        /// <summary>The channel that was put there as the i-th.</summary>
        public int Channel(int i)
        {
            return order[i];
        }

        public float Value(int channel)
        {
            return values[channel];
        }

        public void Clear()
        {
            for (var i = 0; i < Count; i++) held[order[i]] = false;
            Count = 0;
        }
    }
}
