using System;

namespace VTuberBridge
{
    /// <summary>
    /// The newest value of everything that a VMC sender has told, and when it came. It is of fixed size: what comes is
    /// written over what was there, so nothing piles up while nobody looks.
    /// </summary>
    public sealed class VmcFrame
    {
        /// <summary>The time of what never came, seconds.</summary>
        public const double Never = double.NegativeInfinity;

        /// <summary>Local rotations, by number of <see cref="HumanBones"/>.</summary>
        public readonly Rotation[] Bones = new Rotation[HumanBones.Count];

        /// <summary>When each bone last came, seconds on the receiver's clock.</summary>
        public readonly double[] BoneTimes = new double[HumanBones.Count];

        /// <summary>Local position of the hips, metres.</summary>
        public Place Hips;

        /// <summary>Place of the whole avatar, metres, and its rotation.</summary>
        public Place Root;
        public Rotation RootRotation = Rotation.Identity;
        public double RootTime = Never;

        /// <summary>0..1, by number of <see cref="Channels"/>.</summary>
        public readonly float[] Weights = new float[Channels.Count];

        /// <summary>When each weight was last applied, seconds on the receiver's clock.</summary>
        public readonly double[] WeightTimes = new double[Channels.Count];

        /// <summary>Names of the channels from Channels.Custom on; the first CustomCount are known.</summary>
        public readonly string[] CustomNames = new string[Channels.MaxCustom];
        public int CustomCount;

        /// <summary>When anything of VMC last came, seconds on the receiver's clock.</summary>
        public double Time = Never;

        /// <summary>Seconds between two rounds of the sender, running mean.</summary>
        public double Interval = 1.0 / 30;

        /// <summary>The sender's own clock, seconds.</summary>
        public float SenderTime;

        /// <summary>Whether the sender says that its model is loaded.</summary>
        public bool Loaded;

        /// <summary>Whether the sender says that its tracking is good; true when it says nothing of it (before VMC 2.7).</summary>
        public bool TrackingGood = true;

        public VmcFrame()
        {
            for (var i = 0; i < Bones.Length; i++) Bones[i] = Rotation.Identity;
            for (var i = 0; i < BoneTimes.Length; i++) BoneTimes[i] = Never;
            for (var i = 0; i < WeightTimes.Length; i++) WeightTimes[i] = Never;
        }

        public void CopyTo(VmcFrame other)
        {
            Array.Copy(Bones, other.Bones, Bones.Length);
            Array.Copy(BoneTimes, other.BoneTimes, BoneTimes.Length);
            Array.Copy(Weights, other.Weights, Weights.Length);
            Array.Copy(WeightTimes, other.WeightTimes, WeightTimes.Length);
            for (var i = other.CustomCount; i < CustomCount; i++) other.CustomNames[i] = CustomNames[i];
            other.CustomCount = CustomCount;
            other.Hips = Hips;
            other.Root = Root;
            other.RootRotation = RootRotation;
            other.RootTime = RootTime;
            other.Time = Time;
            other.Interval = Interval;
            other.SenderTime = SenderTime;
            other.Loaded = Loaded;
            other.TrackingGood = TrackingGood;
        }
    }

    /// <summary>Metres in Unity's axes.</summary>
    public readonly struct Place
    {
        public readonly float X;
        public readonly float Y;
        public readonly float Z;

        public Place(float x, float y, float z)
        {
            X = x;
            Y = y;
            Z = z;
        }

        public static Place Between(Place a, Place b, float share)
        {
            return new Place(a.X + (b.X - a.X) * share, a.Y + (b.Y - a.Y) * share, a.Z + (b.Z - a.Z) * share);
        }
    }
}
