using System.Collections.Generic;

namespace VTuberBridge
{
    /// <summary>One shape or expression of an avatar, by its number there, and the channel that moves it.</summary>
    public readonly struct FaceTarget
    {
        public readonly int Target;
        public readonly int Channel;

        public FaceTarget(int target, int channel)
        {
            Target = target;
            Channel = channel;
        }
    }

    /// <summary>Which names of an avatar stand for which ARKit shapes and VRM presets.</summary>
    public sealed class FaceMap
    {
        /// <summary>Of the 52 shapes, how many an avatar must have before its face is driven by them alone.</summary>
        private const int Enough = 40;

        /// <summary>Without these a face cannot open its mouth or close its eyes, however many others it has.</summary>
        private static readonly string[] Needed = { "jawOpen", "eyeBlinkLeft", "eyeBlinkRight" };

        public readonly List<FaceTarget> Arkit = new List<FaceTarget>();
        public readonly List<FaceTarget> Presets = new List<FaceTarget>();

        /// <summary>Names that are neither, by number: for a sender that knows them.</summary>
        public readonly List<int> Others = new List<int>();

        /// <param name="names">Of all shapes or expressions of the avatar</param>
        /// <param name="eyesByBone">Whether the eyes turn as bones: then the look presets stay out of it</param>
        public FaceMap(IReadOnlyList<string> names, bool eyesByBone)
        {
            var found = new HashSet<int>();
            for (var i = 0; i < names.Count; i++)
            {
                var channel = Channels.Of(names[i]);
                found.Add(channel);
                if (Channels.IsArkit(channel)) Arkit.Add(new FaceTarget(i, channel));
                else if (Channels.IsPreset(channel)) Presets.Add(new FaceTarget(i, channel));
                else Others.Add(i);
            }
            found.Remove(Channels.None);
            found.RemoveWhere(Channels.IsPreset);
            PerfectSync = found.Count >= Enough && HasAll(found);
            DropDoubles(eyesByBone);
        }

        /// <summary>Whether the face can be driven by the ARKit weights alone.</summary>
        public bool PerfectSync { get; }

        private static bool HasAll(ICollection<int> found)
        {
            foreach (var name in Needed)
            {
                if (!found.Contains(Channels.Of(name))) return false;
            }
            return true;
        }

        /// <summary>Lids move one by one where they can, or else together; never both.</summary>
        private void DropDoubles(bool eyesByBone)
        {
            int both = Channels.Preset("blink"), left = Channels.Preset("blinkLeft"), right = Channels.Preset("blinkRight");
            var apart = Presets.Exists(t => t.Channel == left) && Presets.Exists(t => t.Channel == right);
            Presets.RemoveAll(t => apart ? t.Channel == both : t.Channel == left || t.Channel == right);
            if (eyesByBone) Presets.RemoveAll(t => Channels.Name(t.Channel).StartsWith("look", System.StringComparison.Ordinal));
        }
    }
}
