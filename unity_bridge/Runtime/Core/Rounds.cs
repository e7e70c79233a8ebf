using System;

namespace VTuberBridge
{
    /// <summary>
    /// Learns how often a sender goes through all that it has to tell. VMC marks no frame; a value that comes a second
    /// time since the round began begins the next one.
    /// </summary>
    internal sealed class Rounds
    {
        /// <summary>Intervals that are believed, seconds: 125 to 10 rounds a second.</summary>
        private const double Shortest = 0.008;
        private const double Longest = 0.1;

        /// <summary>Below this, seconds, it is the same round: some names come twice, in the old and the new spelling.</summary>
        private const double Same = 0.004;

        /// <summary>Share of a new interval in the running mean.</summary>
        private const double Gain = 0.1;

        private double began = VmcFrame.Never;
        private double mean = 1.0 / 30;

        /// <summary>The running mean, after a value has come at `now` that last came at `before`, seconds.</summary>
        public double Interval(double before, double now)
        {
            if (before < began) return mean;
            var passed = now - began;
            if (passed < Same) return mean;
            began = now;
            if (passed < 2 * Longest) mean += Gain * (Math.Min(Math.Max(passed, Shortest), Longest) - mean);
            return mean;
        }
    }
}
