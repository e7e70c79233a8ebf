using System;

namespace VTuberBridge
{
    /// <summary>A unit quaternion in Unity's axes: left-handed, y up, z forward.</summary>
    public readonly struct Rotation
    {
        public static readonly Rotation Identity = new Rotation(0f, 0f, 0f, 1f);

        public readonly float X;
        public readonly float Y;
        public readonly float Z;
        public readonly float W;

        public Rotation(float x, float y, float z, float w)
        {
            X = x;
            Y = y;
            Z = z;
            W = w;
        }

        /// <summary>First b, then a.</summary>
        public static Rotation operator *(Rotation a, Rotation b)
        {
            return new Rotation(
                a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
                a.W * b.Y + a.Y * b.W + a.Z * b.X - a.X * b.Z,
                a.W * b.Z + a.Z * b.W + a.X * b.Y - a.Y * b.X,
                a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z);
        }

        public static Rotation Inverse(Rotation q)
        {
            return new Rotation(-q.X, -q.Y, -q.Z, q.W);
        }

        /// <summary>About one axis of unit length, radians.</summary>
        public static Rotation About(float x, float y, float z, double angle)
        {
            var sine = (float)Math.Sin(angle / 2);
            return new Rotation(x * sine, y * sine, z * sine, (float)Math.Cos(angle / 2));
        }

        /// <summary>From a (share 0) to b (share 1) along the shorter arc.</summary>
        public static Rotation Between(Rotation a, Rotation b, float share)
        {
            if (share <= 0f) return a;
            if (share >= 1f) return b;
            double dot = a.X * b.X + a.Y * b.Y + a.Z * b.Z + a.W * b.W;
            var sign = dot < 0 ? -1.0 : 1.0;
            double toA = 1 - share, toB = share;
            // Close together the sines vanish, and the chord is as good as the arc.
            if (sign * dot < 0.9995)
            {
                var angle = Math.Acos(sign * dot);
                toA = Math.Sin((1 - share) * angle) / Math.Sin(angle);
                toB = Math.Sin(share * angle) / Math.Sin(angle);
            }
            toB *= sign;
            Rotation mixed;
            TryUnit(toA * a.X + toB * b.X, toA * a.Y + toB * b.Y, toA * a.Z + toB * b.Z, toA * a.W + toB * b.W, out mixed);
            return mixed;
        }

        /// <summary>To unit length; false, with the identity, when there is hardly any length.</summary>
        public static bool TryUnit(double x, double y, double z, double w, out Rotation unit)
        {
            var length = Math.Sqrt(x * x + y * y + z * z + w * w);
            var sound = length > 1e-6 && !double.IsInfinity(length);
            unit = sound
                ? new Rotation((float)(x / length), (float)(y / length), (float)(z / length), (float)(w / length))
                : Identity;
            return sound;
        }

        /// <summary>The whole turn, radians, 0 to half a turn.</summary>
        public double Angle => 2 * Math.Atan2(Math.Sqrt(X * X + Y * Y + Z * Z), Math.Abs(W));

        /// <summary>The same turn, but no further than so many radians.</summary>
        public Rotation Limited(double angle)
        {
            var turn = Angle;
            return turn > angle ? Between(Identity, this, (float)(angle / turn)) : this;
        }

        public override string ToString()
        {
            return FormattableString.Invariant($"({X:R}, {Y:R}, {Z:R}, {W:R})");
        }
    }
}
