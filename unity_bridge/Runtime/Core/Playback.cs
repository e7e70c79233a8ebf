using System;

namespace VTuberBridge
{
    /// <summary>
    /// What to show at each picture: bridges two packets in time, holds what stops coming, eases it to rest, and blends it
    /// back in when it comes again. Nothing jumps.
    /// </summary>
    public sealed class Playback
    {
        /// <summary>Silence that is no loss yet, seconds: a hitch in the network.</summary>
        public double Hold = 0.4;

        /// <summary>Then everything goes to rest in this time, seconds.</summary>
        public double Ease = 1.2;

        /// <summary>And comes back in this, seconds.</summary>
        public double Back = 0.5;

        /// <summary>A single value that its sender leaves out goes to rest only after this, seconds: some send on change.</summary>
        private const double LeftOut = 2;

        private readonly Rotation[] bones = new Rotation[HumanBones.Count];
        private readonly double[] boneShares = new double[HumanBones.Count];
        private readonly float[] weights = new float[Channels.Count];
        private readonly double[] weightShares = new double[Channels.Count];
        private double rootShare;
        private double last = VmcFrame.Never;

        public Playback()
        {
            for (var i = 0; i < bones.Length; i++) bones[i] = Rotation.Identity;
        }

        /// <summary>The local rotation of a bone, at its full share.</summary>
        public Rotation Bone(int bone)
        {
            return bones[bone];
        }

        /// <summary>0 at rest, 1 fully driven.</summary>
        public float BoneShare(int bone)
        {
            return Smooth(boneShares[bone]);
        }

        public Place Root { get; private set; }
        public Rotation RootRotation { get; private set; } = Rotation.Identity;
        public Place Hips { get; private set; }

        /// <summary>0 at its own place, 1 fully driven.</summary>
        public float RootShare => Smooth(rootShare);

        /// <summary>The weight of a channel, its share already in it.</summary>
        public float Weight(int channel)
        {
            return weights[channel] * Smooth(weightShares[channel]);
        }

        /// <summary>The turn of the whole head against the body's rest: all bones from spine to head together.</summary>
        public Rotation HeadTurn
        {
            get
            {
                var turn = Rotation.Identity;
                for (var bone = HumanBones.Head; bone != HumanBones.Hips; bone = HumanBones.Parent(bone))
                {
                    turn = Rotation.Between(Rotation.Identity, bones[bone], BoneShare(bone)) * turn;
                }
                return turn;
            }
        }

        /// <summary>Whether any ARKit weight is driven. A sender without them has its presets instead.</summary>
        public bool HasArkit { get; private set; }

        /// <summary>Moves on to `now`, seconds on the clock of the frame's times.</summary>
        public void Update(VmcFrame frame, double now)
        {
            var passed = double.IsInfinity(last) ? 0 : Math.Max(now - last, 0);
            var silence = now - frame.Time;
            for (var i = 0; i < bones.Length; i++)
            {
                var fresh = boneShares[i] <= 0;
                var step = Step(frame.BoneTimes[i], frame.Interval, now, fresh);
                boneShares[i] = Share(boneShares[i], frame.BoneTimes[i], silence, now, passed);
                if (boneShares[i] > 0) bones[i] = Rotation.Between(bones[i], frame.Bones[i], step);
            }
            UpdateRoot(frame, now, passed, silence);
            HasArkit = false;
            for (var i = 0; i < weights.Length; i++)
            {
                var fresh = weightShares[i] <= 0;
                var step = Step(frame.WeightTimes[i], frame.Interval, now, fresh);
                weightShares[i] = Share(weightShares[i], frame.WeightTimes[i], silence, now, passed);
                if (weightShares[i] > 0) weights[i] += (frame.Weights[i] - weights[i]) * step;
                HasArkit |= Channels.IsArkit(i) && weightShares[i] > 0;
            }
            last = now;
        }

        private void UpdateRoot(VmcFrame frame, double now, double passed, double silence)
        {
            var step = Step(frame.RootTime, frame.Interval, now, rootShare <= 0);
            rootShare = Share(rootShare, frame.RootTime, silence, now, passed);
            if (rootShare > 0)
            {
                Root = Place.Between(Root, frame.Root, step);
                RootRotation = Rotation.Between(RootRotation, frame.RootRotation, step);
            }
            var fresh = boneShares[HumanBones.Hips] <= 0;
            Hips = Place.Between(Hips, frame.Hips, Step(frame.BoneTimes[HumanBones.Hips], frame.Interval, now, fresh));
        }

        /// <summary>
        /// How far to go from the shown value to the newest one, so as to arrive there when the next one is due: one
        /// interval after it came. What was late is caught up with on the way, and never all at once.
        /// </summary>
        private float Step(double came, double interval, double now, bool fresh)
        {
            if (fresh) return 1f;
            var left = came + interval - last;
            return left > now - last ? (float)((now - last) / left) : 1f;
        }

        private double Share(double share, double came, double silence, double now, double passed)
        {
            var gone = silence > Hold || now - came > LeftOut;
            var change = gone ? -passed / Math.Max(Ease, 1e-3) : passed / Math.Max(Back, 1e-3);
            return Math.Min(Math.Max(share + change, 0), 1);
        }

        private static float Smooth(double share)
        {
            return (float)(share * share * (3 - 2 * share));
        }
    }
}
