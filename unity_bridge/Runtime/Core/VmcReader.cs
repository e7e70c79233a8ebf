using System.Text;

namespace VTuberBridge
{
    /// <summary>
    /// Writes VMC packets into a frame. Whatever is not understood is passed over; nothing that arrives can throw, grow or
    /// stop it. VMC: https://protocol.vmc.info
    /// </summary>
    public sealed class VmcReader : IOscHandler
    {
        private static readonly byte[] Bone = Encoding.ASCII.GetBytes("/VMC/Ext/Bone/Pos");
        private static readonly byte[] Root = Encoding.ASCII.GetBytes("/VMC/Ext/Root/Pos");
        private static readonly byte[] Value = Encoding.ASCII.GetBytes("/VMC/Ext/Blend/Val");
        private static readonly byte[] Apply = Encoding.ASCII.GetBytes("/VMC/Ext/Blend/Apply");
        private static readonly byte[] Status = Encoding.ASCII.GetBytes("/VMC/Ext/OK");
        private static readonly byte[] Time = Encoding.ASCII.GetBytes("/VMC/Ext/T");

        private readonly OscPacket packet = new OscPacket();
        private readonly NameTable bones = new NameTable(HumanBones.Count);
        private readonly NameTable weights;
        private readonly int[] channels;
        private readonly Staged staged = new Staged();
        private readonly Rounds rounds = new Rounds();
        private double now;

        public VmcReader()
        {
            foreach (var name in HumanBones.Names) bones.Add(name);
            // The standard names are there from the start, so that no sender can crowd them out.
            const int SpareSpellings = 128;
            weights = new NameTable(Channels.Count + SpareSpellings);
            channels = new int[Channels.Count + SpareSpellings];
            foreach (var name in Wire.Arkit) Learn(weights.Add(name), name);
            foreach (var name in Wire.Presets) Learn(weights.Add(name), name);
            foreach (var name in new[] { "Joy", "Sorrow", "Fun", "A", "I", "U", "E", "O", "Blink_L", "Blink_R" }) Learn(weights.Add(name), name);
        }

        /// <summary>The newest of everything.</summary>
        public VmcFrame Frame { get; } = new VmcFrame();

        /// <summary>Packets that were understood as a whole, and those that were not.</summary>
        public long Good { get; private set; }
        public long Bad { get; private set; }

        /// <summary>Takes the packet in data[0 .. count), which came at `time`, seconds. False when it is not all sound.</summary>
        public bool Read(byte[] data, int count, double time)
        {
            now = time;
            sound = true;
            var whole = packet.Read(data, count, this) && sound;
            if (whole) Good++;
            else Bad++;
            return whole;
        }

        private bool sound;

        void IOscHandler.Handle(OscMessage message)
        {
            if (message.Is(Bone)) sound &= ReadBone(message);
            else if (message.Is(Value)) sound &= ReadValue(message);
            else if (message.Is(Apply)) Commit();
            else if (message.Is(Root)) sound &= ReadRoot(message);
            else if (message.Is(Time)) sound &= ReadTime(message);
            else if (message.Is(Status)) sound &= ReadStatus(message);
        }

        private bool ReadBone(OscMessage message)
        {
            OscText name;
            Place place;
            Rotation rotation;
            if (!message.TryText(out name) || !TryTransform(message, out place, out rotation)) return false;
            Frame.Time = now;
            var bone = bones.Find(name);
            if (bone == NameTable.Unknown) return true; // LastBone, or somebody's own
            Frame.Interval = rounds.Interval(Frame.BoneTimes[bone], now);
            Frame.Bones[bone] = rotation;
            Frame.BoneTimes[bone] = now;
            if (bone == HumanBones.Hips) Frame.Hips = place;
            return true;
        }

        private bool ReadRoot(OscMessage message)
        {
            OscText name;
            Place place;
            Rotation rotation;
            if (!message.TryText(out name) || !TryTransform(message, out place, out rotation)) return false;
            Frame.Root = place;
            Frame.RootRotation = rotation;
            Frame.RootTime = now;
            Frame.Time = now;
            return true;
        }

        private static bool TryTransform(OscMessage message, out Place place, out Rotation rotation)
        {
            place = default;
            rotation = Rotation.Identity;
            float px, py, pz, x, y, z, w;
            if (!message.TryFloat(out px) || !message.TryFloat(out py) || !message.TryFloat(out pz)) return false;
            if (!message.TryFloat(out x) || !message.TryFloat(out y) || !message.TryFloat(out z)) return false;
            if (!message.TryFloat(out w)) return false;
            place = new Place(px, py, pz);
            return Rotation.TryUnit(x, y, z, w, out rotation);
        }

        private bool ReadValue(OscMessage message)
        {
            OscText name;
            float value;
            if (!message.TryText(out name) || !message.TryFloat(out value)) return false;
            var channel = Channel(name);
            if (channel == Channels.None) return false;
            Frame.Time = now;
            // A name that comes round again tells that the last round is over, though its Apply was lost or never sent.
            if (staged.Holds(channel)) Commit();
            staged.Put(channel, value < 0f ? 0f : value > 1f ? 1f : value);
            return true;
        }

        private void Commit()
        {
            for (var i = 0; i < staged.Count; i++)
            {
                var channel = staged.Channel(i);
                Frame.Interval = rounds.Interval(Frame.WeightTimes[channel], now);
                Frame.Weights[channel] = staged.Value(channel);
                Frame.WeightTimes[channel] = now;
            }
            staged.Clear();
        }

        private bool ReadTime(OscMessage message)
        {
            float seconds;
            if (!message.TryFloat(out seconds)) return false;
            Frame.SenderTime = seconds;
            Frame.Time = now;
            return true;
        }

        private bool ReadStatus(OscMessage message)
        {
            int loaded, calibration, mode, tracking;
            if (!message.TryInt(out loaded)) return false;
            Frame.Loaded = loaded != 0;
            // Senders before 2.7 end here or after the calibration.
            Frame.TrackingGood = !message.TryInt(out calibration) || !message.TryInt(out mode) ||
                !message.TryInt(out tracking) || tracking != 0;
            Frame.Time = now;
            return true;
        }

        private int Channel(OscText text)
        {
            var known = weights.Count;
            var name = weights.FindOrAdd(text);
            if (name == NameTable.Unknown) return Channels.None;
            if (weights.Count > known) Learn(name, weights[name]);
            return channels[name];
        }

        private void Learn(int number, string name)
        {
            var channel = Channels.Of(name);
            if (channel == Channels.None && Frame.CustomCount < Channels.MaxCustom)
            {
                channel = Channels.Custom + Frame.CustomCount;
                Frame.CustomNames[Frame.CustomCount++] = name;
            }
            channels[number] = channel;
        }
    }
}
