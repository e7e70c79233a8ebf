namespace VTuberBridge
{
    /// <summary>
    /// The bones of Unity's humanoid under their names on the wire, in the order of UnityEngine.HumanBodyBones, and on
    /// what each of them hangs.
    /// </summary>
    public static class HumanBones
    {
        public static readonly string[] Names =
        {
            "Hips",
            "LeftUpperLeg", "RightUpperLeg", "LeftLowerLeg", "RightLowerLeg", "LeftFoot", "RightFoot",
            "Spine", "Chest", "Neck", "Head",
            "LeftShoulder", "RightShoulder", "LeftUpperArm", "RightUpperArm", "LeftLowerArm", "RightLowerArm",
            "LeftHand", "RightHand", "LeftToes", "RightToes", "LeftEye", "RightEye", "Jaw",
            "LeftThumbProximal", "LeftThumbIntermediate", "LeftThumbDistal",
            "LeftIndexProximal", "LeftIndexIntermediate", "LeftIndexDistal",
            "LeftMiddleProximal", "LeftMiddleIntermediate", "LeftMiddleDistal",
            "LeftRingProximal", "LeftRingIntermediate", "LeftRingDistal",
            "LeftLittleProximal", "LeftLittleIntermediate", "LeftLittleDistal",
            "RightThumbProximal", "RightThumbIntermediate", "RightThumbDistal",
            "RightIndexProximal", "RightIndexIntermediate", "RightIndexDistal",
            "RightMiddleProximal", "RightMiddleIntermediate", "RightMiddleDistal",
            "RightRingProximal", "RightRingIntermediate", "RightRingDistal",
            "RightLittleProximal", "RightLittleIntermediate", "RightLittleDistal",
            "UpperChest",
        };

        public const int Count = 55;
        public const int None = -1;

        public const int Hips = 0;
        public const int Spine = 7;
        public const int Chest = 8;
        public const int Neck = 9;
        public const int Head = 10;
        public const int LeftUpperArm = 13;
        public const int RightUpperArm = 14;
        public const int LeftLowerArm = 15;
        public const int RightLowerArm = 16;
        public const int LeftEye = 21;
        public const int RightEye = 22;
        public const int UpperChest = 54;

        private const int LeftShoulder = 11;
        private const int RightShoulder = 12;
        private const int LeftHand = 17;
        private const int RightHand = 18;
        private const int Jaw = 23;
        private const int LeftThumb = 24;
        private const int RightThumb = 39;

        /// <summary>The bone that it hangs on, None for the hips. Optional bones are in it: see Spine to Neck.</summary>
        public static int Parent(int bone)
        {
            if (bone >= LeftThumb && bone < UpperChest)
            {
                var left = bone < RightThumb;
                var joint = (bone - LeftThumb) % 3;
                return joint > 0 ? bone - 1 : left ? LeftHand : RightHand;
            }
            switch (bone)
            {
                case Hips: return None;
                case 1:
                case 2:
                case Spine: return Hips;
                case Chest: return Spine;
                case UpperChest: return Chest;
                case Neck:
                case LeftShoulder:
                case RightShoulder: return UpperChest;
                case Head: return Neck;
                case LeftEye:
                case RightEye:
                case Jaw: return Head;
                // Toes hang on feet; every other limb on its namesake two places before.
                case 19:
                case 20: return bone - 14;
                default: return bone - 2;
            }
        }
    }
}
