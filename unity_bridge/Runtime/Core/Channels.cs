using System;
using System.Collections.Generic;

namespace VTuberBridge
{
    /// <summary>
    /// Where a weight is kept: first the 52 ARKit blendshapes, then the 18 presets of VRM 1.0, both in the order of
    /// <see cref="Wire"/>, then the names that only this sender and this avatar know.
    /// </summary>
    public static class Channels
    {
        public static readonly int Presets = Wire.Arkit.Length;
        public static readonly int Custom = Wire.Arkit.Length + Wire.Presets.Length;
        public const int MaxCustom = 256;
        public static readonly int Count = Custom + MaxCustom;
        public const int None = -1;

        private static readonly Dictionary<string, int> PresetSpellings = MakePresetSpellings();
        private static readonly Dictionary<string, int> ArkitSpellings = MakeArkitSpellings();

        public static bool IsArkit(int channel)
        {
            return channel >= 0 && channel < Presets;
        }

        public static bool IsPreset(int channel)
        {
            return channel >= Presets && channel < Custom;
        }

        public static string Name(int channel)
        {
            return IsArkit(channel) ? Wire.Arkit[channel] : Wire.Presets[channel - Presets];
        }

        /// <summary>The channel of a preset of VRM 1.0.</summary>
        public static int Preset(string name)
        {
            return Presets + Array.IndexOf(Wire.Presets, name);
        }

        /// <summary>The ARKit shape or the preset that a name means, in any common spelling; None for every other.</summary>
        public static int Of(string spelling)
        {
            int channel;
            if (PresetSpellings.TryGetValue(Unprefixed(spelling.ToLowerInvariant()), out channel)) return channel;
            return ArkitSpellings.TryGetValue(Folded(spelling), out channel) ? channel : None;
        }

        /// <summary>VRoid puts the mesh's name before its own: Face.M_F00_000_00_Fcl_MTH_A.</summary>
        private static string Unprefixed(string lower)
        {
            var at = lower.IndexOf("fcl_", StringComparison.Ordinal);
            return at > 0 ? lower.Substring(at) : lower;
        }

        /// <summary>
        /// A shape's name without what tools put round it: browDownLeft for BrowDownLeft, brow_down_left,
        /// blendShape1.browDownLeft and ARKit_browDownLeft; browDown_L is folded to browdownl.
        /// </summary>
        private static string Folded(string spelling)
        {
            var last = spelling.Substring(spelling.LastIndexOfAny(new[] { '.', ':', '|' }) + 1).ToLowerInvariant();
            if (last.StartsWith("arkit", StringComparison.Ordinal)) last = last.Substring("arkit".Length);
            if (last.StartsWith("blendshape", StringComparison.Ordinal)) last = last.Substring("blendshape".Length);
            var letters = new char[last.Length];
            var count = 0;
            foreach (var c in last)
            {
                if (c >= 'a' && c <= 'z') letters[count++] = c;
            }
            return new string(letters, 0, count);
        }

        private static Dictionary<string, int> MakeArkitSpellings()
        {
            var known = new Dictionary<string, int>();
            for (var i = 0; i < Wire.Arkit.Length; i++)
            {
                var folded = Wire.Arkit[i].ToLowerInvariant();
                known[folded] = i;
                if (folded.EndsWith("left", StringComparison.Ordinal)) known[folded.Substring(0, folded.Length - 3)] = i;
                else if (folded.EndsWith("right", StringComparison.Ordinal)) known[folded.Substring(0, folded.Length - 4)] = i;
            }
            AddHalves(known);
            return known;
        }

        /// <summary>Some avatars cut a shape that has no side in two: browInnerUp_L and browInnerUp_R.</summary>
        private static void AddHalves(Dictionary<string, int> known)
        {
            for (var i = 0; i < Wire.Arkit.Length; i++)
            {
                var folded = Wire.Arkit[i].ToLowerInvariant();
                foreach (var side in new[] { "left", "right", "l", "r" })
                {
                    if (!known.ContainsKey(folded + side)) known[folded + side] = i;
                }
            }
        }

        private static Dictionary<string, int> MakePresetSpellings()
        {
            var known = new Dictionary<string, int>();
            foreach (var name in Wire.Presets) known[name.ToLowerInvariant()] = Preset(name);
            // VRM 1.0 name, VRM 0.x name, and the mesh's own name on a VRoid avatar.
            var other = new[,]
            {
                { "happy", "joy", "fcl_all_joy" },
                { "angry", "angry", "fcl_all_angry" },
                { "sad", "sorrow", "fcl_all_sorrow" },
                { "relaxed", "fun", "fcl_all_fun" },
                { "surprised", "surprised", "fcl_all_surprised" },
                { "neutral", "neutral", "fcl_all_neutral" },
                { "aa", "a", "fcl_mth_a" },
                { "ih", "i", "fcl_mth_i" },
                { "ou", "u", "fcl_mth_u" },
                { "ee", "e", "fcl_mth_e" },
                { "oh", "o", "fcl_mth_o" },
                { "blink", "blink", "fcl_eye_close" },
                { "blinkLeft", "blink_l", "fcl_eye_close_l" },
                { "blinkRight", "blink_r", "fcl_eye_close_r" },
            };
            for (var i = 0; i < other.GetLength(0); i++)
            {
                known[other[i, 1]] = Preset(other[i, 0]);
                known[other[i, 2]] = Preset(other[i, 0]);
            }
            return known;
        }
    }
}
