// The types of UnityEngine that the bridge uses, as far as it uses them: enough to run its scripts outside Unity, with real
// rotations and a player loop of Start, Update, Animator and LateUpdate in execution order.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace UnityEngine.Scripting
{
    public class AlwaysLinkAssemblyAttribute : Attribute { }
}

namespace UnityEngine
{
    public class AddComponentMenu : Attribute { public AddComponentMenu(string menu) { } }
    public class DisallowMultipleComponent : Attribute { }
    public class DefaultExecutionOrder : Attribute
    {
        public readonly int Order;
        public DefaultExecutionOrder(int order) { Order = order; }
    }
    public class TooltipAttribute : Attribute { public TooltipAttribute(string text) { } }
    public class RangeAttribute : Attribute { public RangeAttribute(float low, float high) { } }
    public enum RuntimeInitializeLoadType { BeforeSceneLoad }
    public class RuntimeInitializeOnLoadMethodAttribute : Attribute
    {
        public RuntimeInitializeOnLoadMethodAttribute(RuntimeInitializeLoadType when) { }
    }

    public static class Mathf
    {
        public const float PI = (float)Math.PI;
        public const float Rad2Deg = 180f / PI;
        public const float Deg2Rad = PI / 180f;
        public static float Abs(float v) => Math.Abs(v);
        public static float Max(float a, float b) => Math.Max(a, b);
        public static float Asin(float v) => (float)Math.Asin(v);
        public static float Atan2(float y, float x) => (float)Math.Atan2(y, x);
        public static float Sin(float v) => (float)Math.Sin(v);
        public static float Clamp(float v, float low, float high) => Math.Min(Math.Max(v, low), high);
        public static float Lerp(float a, float b, float share) => a + (b - a) * Clamp(share, 0f, 1f);
    }

    public static class Time
    {
        public static float deltaTime;
        public static double passed;
        public static float unscaledDeltaTime => deltaTime;
    }

    public static class Debug
    {
        public static readonly List<string> Said = new List<string>();
        public static readonly List<string> Errors = new List<string>();
        public static void Log(object what, Object who = null) => Said.Add(what.ToString());
        public static void LogWarning(object what, Object who = null) => Said.Add(what.ToString());
        public static void LogError(object what, Object who = null) => Errors.Add(what.ToString());
    }

    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
        public static Vector3 zero => new Vector3();
        public static Vector3 one => new Vector3(1, 1, 1);
        public static Vector3 forward => new Vector3(0, 0, 1);
        public static Vector3 up => new Vector3(0, 1, 0);
        public float magnitude => (float)Math.Sqrt(x * x + y * y + z * z);
        public Vector3 normalized => this * (1f / magnitude);
        public static Vector3 operator +(Vector3 a, Vector3 b) => new Vector3(a.x + b.x, a.y + b.y, a.z + b.z);
        public static Vector3 operator -(Vector3 a, Vector3 b) => new Vector3(a.x - b.x, a.y - b.y, a.z - b.z);
        public static Vector3 operator *(Vector3 a, float s) => new Vector3(a.x * s, a.y * s, a.z * s);
        public static Vector3 Lerp(Vector3 a, Vector3 b, float share) => a + (b - a) * Mathf.Clamp(share, 0f, 1f);
        public override string ToString() => FormattableString.Invariant($"({x}, {y}, {z})");
    }

    public struct Quaternion
    {
        public float x, y, z, w;
        public Quaternion(float x, float y, float z, float w) { this.x = x; this.y = y; this.z = z; this.w = w; }
        public static Quaternion identity => new Quaternion(0, 0, 0, 1);
        public static Quaternion Inverse(Quaternion q) => new Quaternion(-q.x, -q.y, -q.z, q.w);
        public static float Dot(Quaternion a, Quaternion b) => a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;

        /// <summary>Degrees.</summary>
        public static float Angle(Quaternion a, Quaternion b)
        {
            var d = Inverse(a) * b;
            return (float)(2 * Math.Atan2(Math.Sqrt(d.x * d.x + d.y * d.y + d.z * d.z), Math.Abs(d.w)) * 180 / Math.PI);
        }

        public static Quaternion AngleAxis(float degrees, Vector3 axis)
        {
            var half = degrees * Math.PI / 360;
            var s = axis.normalized * (float)Math.Sin(half);
            return new Quaternion(s.x, s.y, s.z, (float)Math.Cos(half));
        }

        /// <summary>First about z, then x, then y: Unity's order.</summary>
        public static Quaternion Euler(float x, float y, float z) =>
            AngleAxis(y, Vector3.up) * AngleAxis(x, new Vector3(1, 0, 0)) * AngleAxis(z, Vector3.forward);

        public static Quaternion Slerp(Quaternion a, Quaternion b, float share)
        {
            share = Mathf.Clamp(share, 0f, 1f);
            double dot = Dot(a, b);
            if (dot < 0) { b = new Quaternion(-b.x, -b.y, -b.z, -b.w); dot = -dot; }
            var angle = Math.Acos(Math.Min(dot, 1));
            if (angle < 1e-4) return share < 1 ? a : b;
            var p = (float)(Math.Sin((1 - share) * angle) / Math.Sin(angle));
            var q = (float)(Math.Sin(share * angle) / Math.Sin(angle));
            return new Quaternion(p * a.x + q * b.x, p * a.y + q * b.y, p * a.z + q * b.z, p * a.w + q * b.w);
        }

        public static Quaternion operator *(Quaternion a, Quaternion b) => new Quaternion(
            a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y, a.w * b.y + a.y * b.w + a.z * b.x - a.x * b.z,
            a.w * b.z + a.z * b.w + a.x * b.y - a.y * b.x, a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);

        public static Vector3 operator *(Quaternion q, Vector3 v)
        {
            var r = q * new Quaternion(v.x, v.y, v.z, 0) * Inverse(q);
            return new Vector3(r.x, r.y, r.z);
        }

        public override string ToString() => FormattableString.Invariant($"({x}, {y}, {z}, {w})");
    }

    public struct Color
    {
        public float r, g, b, a;
        public Color(float r, float g, float b) { this.r = r; this.g = g; this.b = b; a = 1; }
        public static Color white => new Color(1, 1, 1);
        public static Color black => new Color(0, 0, 0);
    }

    public class Object
    {
        public string name = "";
        internal bool destroyed;
        public static void Destroy(Object what) => what.Die();
        protected virtual void Die() { destroyed = true; }
        public static bool operator ==(Object a, Object b)
        {
            var noA = ReferenceEquals(a, null) || a.destroyed;
            var noB = ReferenceEquals(b, null) || b.destroyed;
            return noA || noB ? noA && noB : ReferenceEquals(a, b);
        }
        public static bool operator !=(Object a, Object b) => !(a == b);
        public override bool Equals(object other) => ReferenceEquals(this, other);
        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }

    public class ScriptableObject : Object { }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform => gameObject.transform;
        public T GetComponent<T>() where T : Component => gameObject.GetComponent<T>();
        public T GetComponentInParent<T>() where T : Component => gameObject.GetComponentInParent<T>();
        public T GetComponentInChildren<T>() where T : Component => gameObject.GetComponentInChildren<T>();
        protected override void Die() { base.Die(); gameObject.Components.Remove(this); }
    }

    public class Behaviour : Component
    {
        internal bool on = true;
        public bool enabled
        {
            get => on;
            set { if (on != value) { on = value; Scene.Call(this, value ? "OnEnable" : "OnDisable"); } }
        }
        public bool isActiveAndEnabled => on && !destroyed;
        protected override void Die()
        {
            if (on) Scene.Call(this, "OnDisable");
            Scene.Call(this, "OnDestroy");
            base.Die();
        }
    }

    public class MonoBehaviour : Behaviour { internal bool started; }

    public class Transform : Component
    {
        public Vector3 localPosition;
        public Quaternion localRotation = Quaternion.identity;
        public Vector3 localScale = Vector3.one;
        internal readonly List<Transform> Children = new List<Transform>();
        public Transform parent { get; private set; }
        public void SetParent(Transform to, bool worldPositionStays)
        {
            if (parent != null) parent.Children.Remove(this);
            parent = to;
            if (to != null) to.Children.Add(this);
        }
        public Quaternion rotation => parent == null ? localRotation : parent.rotation * localRotation;
        public Vector3 TransformPoint(Vector3 p) => position + rotation * p;
        public Vector3 InverseTransformPoint(Vector3 p) => Quaternion.Inverse(rotation) * (p - position);
        public Vector3 position => parent == null ? localPosition : parent.position + parent.rotation * localPosition;
    }

    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube }

    public class GameObject : Object
    {
        internal readonly List<Component> Components = new List<Component>();
        public GameObject(string name = "GameObject") { this.name = name; Scene.Objects.Add(this); AddComponent<Transform>(); }
        public Transform transform => (Transform)Components[0];
        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            var made = new GameObject(type.ToString());
            made.AddComponent<Renderer>();
            made.AddComponent<Collider>();
            return made;
        }
        public T AddComponent<T>() where T : Component, new()
        {
            var made = new T { gameObject = this, name = name };
            Components.Add(made);
            if (made is Behaviour b) { Scene.Call(b, "Awake"); Scene.Call(b, "OnEnable"); }
            return made;
        }
        public T GetComponent<T>() where T : Component => Components.OfType<T>().FirstOrDefault();
        public T GetComponentInParent<T>() where T : Component =>
            GetComponent<T>() ?? (transform.parent == null ? null : transform.parent.gameObject.GetComponentInParent<T>());
        public T[] GetComponentsInChildren<T>(bool inactive = false) where T : Component =>
            Components.OfType<T>().Concat(transform.Children.SelectMany(c => c.gameObject.GetComponentsInChildren<T>())).ToArray();
        public T GetComponentInChildren<T>() where T : Component => GetComponentsInChildren<T>().FirstOrDefault();
        protected override void Die()
        {
            foreach (var c in Components.ToArray().Reverse()) Destroy(c);
            base.Die();
            Scene.Objects.Remove(this);
        }
    }

    public class Collider : Component { }
    public class Material { public Color color; }
    public class Renderer : Component { public Material material { get; } = new Material(); }

    public class Camera : Behaviour
    {
        public static Camera main => Scene.Objects.Select(o => o.GetComponent<Camera>()).FirstOrDefault(c => c != null);
        public Color backgroundColor;
        public float fieldOfView;
    }
    public enum LightType { Directional }
    public class Light : Behaviour { public LightType type; }

    public class Mesh : Object
    {
        public readonly List<KeyValuePair<string, float>> Shapes = new List<KeyValuePair<string, float>>();
        public int blendShapeCount => Shapes.Count;
        public string GetBlendShapeName(int shape) => Shapes[shape].Key;
        public int GetBlendShapeFrameCount(int shape) => 1;
        public float GetBlendShapeFrameWeight(int shape, int frame) => Shapes[shape].Value;
    }

    public class SkinnedMeshRenderer : Renderer
    {
        public Mesh sharedMesh;
        private readonly Dictionary<int, float> weights = new Dictionary<int, float>();
        public int Sets;
        public void SetBlendShapeWeight(int shape, float weight) { weights[shape] = weight; Sets++; }
        public float GetBlendShapeWeight(int shape) => weights.TryGetValue(shape, out var w) ? w : 0f;
    }

    public enum HumanBodyBones
    {
        Hips, LeftUpperLeg, RightUpperLeg, LeftLowerLeg, RightLowerLeg, LeftFoot, RightFoot, Spine, Chest, Neck, Head,
        LeftShoulder, RightShoulder, LeftUpperArm, RightUpperArm, LeftLowerArm, RightLowerArm, LeftHand, RightHand,
        LeftToes, RightToes, LeftEye, RightEye, Jaw,
        LeftThumbProximal, LeftThumbIntermediate, LeftThumbDistal, LeftIndexProximal, LeftIndexIntermediate,
        LeftIndexDistal, LeftMiddleProximal, LeftMiddleIntermediate, LeftMiddleDistal, LeftRingProximal,
        LeftRingIntermediate, LeftRingDistal, LeftLittleProximal, LeftLittleIntermediate, LeftLittleDistal,
        RightThumbProximal, RightThumbIntermediate, RightThumbDistal, RightIndexProximal, RightIndexIntermediate,
        RightIndexDistal, RightMiddleProximal, RightMiddleIntermediate, RightMiddleDistal, RightRingProximal,
        RightRingIntermediate, RightRingDistal, RightLittleProximal, RightLittleIntermediate, RightLittleDistal,
        UpperChest, LastBone,
    }

    public struct SkeletonBone { public string name; public Vector3 position; public Quaternion rotation; }
    public struct HumanDescription { public SkeletonBone[] skeleton; }
    public class Avatar : Object { public HumanDescription humanDescription; }
    public class RuntimeAnimatorController : Object { }

    public class Animator : Behaviour
    {
        public Avatar avatar;
        public RuntimeAnimatorController runtimeAnimatorController;
        public readonly Dictionary<HumanBodyBones, Transform> Bones = new Dictionary<HumanBodyBones, Transform>();
        public Action Play = () => { };
        public bool isHuman => avatar != null;
        public Transform GetBoneTransform(HumanBodyBones bone) => Bones.TryGetValue(bone, out var t) ? t : null;
    }

    /// <summary>The player loop.</summary>
    public static class Scene
    {
        public static readonly List<GameObject> Objects = new List<GameObject>();

        internal static void Call(Behaviour on, string method)
        {
            var found = on.GetType().GetMethod(method, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, Type.EmptyTypes, null);
            try
            {
                if (found != null) found.Invoke(on, null);
            }
            catch (TargetInvocationException e)
            {
                throw new Exception($"{on.GetType().Name}.{method}: {e.InnerException}");
            }
        }

        /// <summary>One picture.</summary>
        public static void Step(float seconds = 1f / 60)
        {
            Time.deltaTime = seconds;
            Time.passed += seconds;
            foreach (var b in Live()) if (!b.started) { b.started = true; Call(b, "Start"); }
            foreach (var b in Live()) Call(b, "Update");
            foreach (var o in Objects.ToArray())
            {
                var animator = o.GetComponent<Animator>();
                if (animator != null && animator.enabled && animator.runtimeAnimatorController != null) animator.Play();
            }
            foreach (var b in Live()) if (b.started) Call(b, "LateUpdate");
        }

        public static void Clear()
        {
            foreach (var o in Objects.ToArray()) Object.Destroy(o);
            Debug.Said.Clear();
            Debug.Errors.Clear();
        }

        private static MonoBehaviour[] Live() => Objects.SelectMany(o => o.Components.OfType<MonoBehaviour>())
            .Where(b => b.isActiveAndEnabled).OrderBy(Order).ToArray();

        private static int Order(MonoBehaviour b)
        {
            var order = (DefaultExecutionOrder)Attribute.GetCustomAttribute(b.GetType(), typeof(DefaultExecutionOrder));
            return order == null ? 0 : order.Order;
        }
    }
}
