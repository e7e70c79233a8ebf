using UnityEngine;

namespace VTuberBridge
{
    /// <summary>
    /// Moves a humanoid avatar by VMC: bones, blendshapes, VRM expressions. Put it on the avatar, beside its Animator.
    /// An Animator Controller may play on: what is received goes over it, and gives way to it when packets stop.
    /// </summary>
    [AddComponentMenu("VTuber Bridge/Avatar Driver")]
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(100)] // after scripts that set the scene up, before UniVRM's 11000
    public sealed class AvatarDriver : MonoBehaviour
    {
        [Tooltip("Where packets come from. Left empty, the avatar gets a receiver of its own.")]
        public VmcReceiver receiver;

        [Tooltip("Of the avatar. Left empty, the one on this object or below it.")]
        public Animator animator;

        [Tooltip("On: rotations count from the T-pose, as the VTuber driver and senders of VRM 0.x avatars have it. Off: they are the bones' own, for a sender that shows this same VRM 1.0 avatar.")]
        public bool normalized = true;

        [Tooltip("Move the whole avatar as the sender's is moved.")]
        public bool moveRoot = true;

        [Tooltip("Move the hips as well: for a sender that tracks the whole body and shows this same avatar.")]
        public bool moveHips;

        [Tooltip("Let the arms hang while nobody drives them and no Animator Controller plays.")]
        public bool relaxedArms = true;

        [Range(0f, 45f)]
        [Tooltip("How far an eye may turn, degrees.")]
        public float eyeLimit = 20f;

        [Range(0f, 5f)]
        [Tooltip("Seconds without packets in which the last pose is held.")]
        public float hold = 0.4f;

        [Range(0.05f, 5f)]
        [Tooltip("Seconds in which the avatar then goes to rest.")]
        public float ease = 1.2f;

        [Range(0.05f, 5f)]
        [Tooltip("Seconds in which it comes back from there.")]
        public float back = 0.5f;

        private readonly VmcFrame frame = new VmcFrame();
        private readonly Playback playback = new Playback();
        private AvatarBones bones;
        private AvatarFace face;
        private LateWriter late;
        private Vector3 ownPosition;
        private Quaternion ownRotation;
        private bool rootMoved;

        /// <summary>What is shown now.</summary>
        public Playback Playback => playback;

        /// <summary>Whether the face is driven by the 52 ARKit weights.</summary>
        public bool PerfectSync => face != null && face.PerfectSync;

        /// <summary>Looks the avatar over anew. To be called when its meshes or its Animator were exchanged.</summary>
        public void Rebuild()
        {
            bones = null;
            face = null;
            if (animator == null) animator = GetComponentInChildren<Animator>();
            if (animator == null || !animator.isHuman)
            {
                Debug.LogError("Avatar Driver: there is no humanoid Animator here. In the model's import settings, Rig, choose Humanoid.", this);
                return;
            }
            var vrm = VrmFaces.Find(animator.gameObject);
            bones = new AvatarBones(animator, vrm, relaxedArms);
            face = new AvatarFace(animator.gameObject, vrm, bones.EyesByBone);
        }

        private void Start()
        {
            if (receiver == null) receiver = GetComponentInParent<VmcReceiver>();
            if (receiver == null) receiver = gameObject.AddComponent<VmcReceiver>();
            ownPosition = transform.localPosition;
            ownRotation = transform.localRotation;
            Rebuild();
            late = gameObject.AddComponent<LateWriter>();
            late.Driver = this;
        }

        private void OnDestroy()
        {
            if (late != null) Destroy(late);
        }

        private void LateUpdate()
        {
            playback.Hold = hold;
            playback.Ease = ease;
            playback.Back = back;
            receiver.Read(frame);
            playback.Update(frame, VmcListener.Now);
            if (bones == null) return;
            MoveRoot();
            bones.Write(playback, normalized);
            if (moveHips) bones.WriteHips(playback);
            face.Write(frame, playback);
        }

        /// <summary>Called when UniVRM is done, in the same picture.</summary>
        internal void WriteLate()
        {
            if (bones == null || !isActiveAndEnabled) return;
            bones.WriteEyes(playback, normalized, eyeLimit);
            face.WriteMeshes(frame, playback);
        }

        private void MoveRoot()
        {
            var share = moveRoot ? playback.RootShare : 0f;
            if (share <= 0f && !rootMoved) return;
            transform.localPosition = ownPosition + ownRotation * (playback.Root.ToUnity() * share);
            transform.localRotation = ownRotation * Quaternion.Slerp(Quaternion.identity, playback.RootRotation.ToUnity(), share);
            rootMoved = share > 0f;
        }
    }
}
