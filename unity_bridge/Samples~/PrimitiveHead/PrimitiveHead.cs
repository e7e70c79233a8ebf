using UnityEngine;
using VTuberBridge;

/// <summary>
/// A head made of Unity's own spheres and boxes, to see at once whether packets arrive: put it on an empty object and
/// press Play. It also shows how to read the bridge's values without an Animator.
/// </summary>
public sealed class PrimitiveHead : MonoBehaviour
{
    private const float LidOpen = 0.02f;
    private const float LidShut = 0.12f;

    private readonly VmcFrame frame = new VmcFrame();
    private readonly Playback playback = new Playback();
    private VmcReceiver receiver;
    private Transform head;
    private Transform leftEye;
    private Transform rightEye;
    private Transform leftLid;
    private Transform rightLid;
    private Transform leftBrow;
    private Transform rightBrow;
    private Transform mouth;

    /// <summary>The head, to look at in a test or to hang a hat on.</summary>
    public Transform Head => head;

    private void Start()
    {
        receiver = GetComponentInParent<VmcReceiver>();
        if (receiver == null) receiver = gameObject.AddComponent<VmcReceiver>();
        Build();
        PlaceCamera();
    }

    private void LateUpdate()
    {
        receiver.Read(frame);
        playback.Update(frame, VmcListener.Now);
        head.localRotation = Turn(playback.HeadTurn);
        leftEye.localRotation = Turn(playback.Bone(HumanBones.LeftEye));
        rightEye.localRotation = Turn(playback.Bone(HumanBones.RightEye));
        MoveFace();
    }

    private void MoveFace()
    {
        Lid(leftLid, Weight("eyeBlinkLeft", "blinkLeft"));
        Lid(rightLid, Weight("eyeBlinkRight", "blinkRight"));
        Brow(leftBrow, -0.18f, Weight("browOuterUpLeft", "surprised") - Weight("browDownLeft", "angry"));
        Brow(rightBrow, 0.18f, Weight("browOuterUpRight", "surprised") - Weight("browDownRight", "angry"));
        var open = Weight("jawOpen", "aa");
        var wide = Weight("mouthSmileLeft", "happy") - Weight("mouthPucker", "ou");
        mouth.localScale = new Vector3(0.28f + 0.12f * wide, 0.03f + 0.2f * open, 0.06f);
        mouth.localPosition = new Vector3(0f, -0.22f - 0.07f * open, 0.42f);
    }

    /// <summary>The ARKit weight where the sender has them, else the preset that comes closest.</summary>
    private float Weight(string arkit, string preset)
    {
        return playback.Weight(playback.HasArkit ? Channels.Of(arkit) : Channels.Preset(preset));
    }

    private static void Brow(Transform brow, float x, float up)
    {
        brow.localPosition = new Vector3(x, 0.27f + 0.1f * up, 0.43f);
    }

    private static void Lid(Transform lid, float shut)
    {
        lid.localScale = new Vector3(0.24f, Mathf.Lerp(LidOpen, LidShut * 2f, shut), 0.22f);
        lid.localPosition = new Vector3(0f, Mathf.Lerp(0.11f, 0f, shut), 0.03f);
    }

    private static Quaternion Turn(Rotation q)
    {
        return new Quaternion(q.X, q.Y, q.Z, q.W);
    }

    private void Build()
    {
        var skin = new Color(1f, 0.82f, 0.7f);
        head = new GameObject("Head").transform;
        head.SetParent(transform, false);
        Part("Skull", PrimitiveType.Sphere, head, Vector3.zero, new Vector3(0.9f, 1.1f, 0.95f), skin);
        Part("Nose", PrimitiveType.Sphere, head, new Vector3(0f, -0.03f, 0.48f), new Vector3(0.1f, 0.14f, 0.14f), skin);
        // Seen from before it, the avatar's left eye is to the right: its left is -x.
        leftEye = Eye("Left", -0.18f, skin, out leftLid);
        rightEye = Eye("Right", 0.18f, skin, out rightLid);
        leftBrow = Part("Left brow", PrimitiveType.Cube, head, Vector3.zero, new Vector3(0.2f, 0.03f, 0.05f), Color.black);
        rightBrow = Part("Right brow", PrimitiveType.Cube, head, Vector3.zero, new Vector3(0.2f, 0.03f, 0.05f), Color.black);
        mouth = Part("Mouth", PrimitiveType.Sphere, head, Vector3.zero, Vector3.one, new Color(0.55f, 0.1f, 0.12f));
    }

    private Transform Eye(string side, float x, Color skin, out Transform lid)
    {
        var socket = new GameObject(side + " socket").transform;
        socket.SetParent(head, false);
        socket.localPosition = new Vector3(x, 0.1f, 0.36f);
        var eye = new GameObject(side + " eye").transform;
        eye.SetParent(socket, false);
        Part("White", PrimitiveType.Sphere, eye, Vector3.zero, new Vector3(0.2f, 0.2f, 0.2f), Color.white);
        Part("Pupil", PrimitiveType.Sphere, eye, new Vector3(0f, 0f, 0.08f), new Vector3(0.09f, 0.09f, 0.06f), Color.black);
        lid = Part("Lid", PrimitiveType.Sphere, socket, Vector3.zero, Vector3.one, skin);
        return eye;
    }

    private static Transform Part(string name, PrimitiveType type, Transform parent, Vector3 position, Vector3 scale, Color color)
    {
        var part = GameObject.CreatePrimitive(type);
        part.name = name;
        Destroy(part.GetComponent<Collider>());
        part.GetComponent<Renderer>().material.color = color;
        part.transform.SetParent(parent, false);
        part.transform.localPosition = position;
        part.transform.localScale = scale;
        return part.transform;
    }

    /// <summary>Before the face, so that an empty scene with its usual camera and light will do.</summary>
    private void PlaceCamera()
    {
        var eye = Camera.main;
        if (eye == null) return;
        eye.transform.SetParent(transform, false);
        eye.transform.localPosition = new Vector3(0f, 0f, 2.4f);
        eye.transform.localRotation = Quaternion.Euler(0f, 180f, 0f);
        eye.fieldOfView = 40f;
    }
}
