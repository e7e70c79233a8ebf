using System;
using System.Net.Sockets;
using UnityEngine;

namespace VTuberBridge
{
    /// <summary>Receives VMC over UDP. Any number of avatars may read from one receiver.</summary>
    [AddComponentMenu("VTuber Bridge/VMC Receiver")]
    public sealed class VmcReceiver : MonoBehaviour
    {
        private const float RetryAfter = 2f;

        /// <summary>So many packets in a row that are no VMC are no accident.</summary>
        private const int Doubtful = 10;

        [Tooltip("127.0.0.1: senders on this machine only. 0.0.0.0: senders anywhere on the network.")]
        public string address = "127.0.0.1";

        [Range(1, 65535)]
        [Tooltip("The VMC standard is 39539.")]
        public int port = 39539;

        private VmcListener listener;
        private float retryIn;
        private bool complained;
        private bool heard;

        /// <summary>Whether the port is open. It is tried again every two seconds while another app holds it.</summary>
        public bool Listening => listener != null;

        /// <summary>Packets since the port was opened, and of them those that were not wholly understood.</summary>
        public void Count(out long packets, out long bad)
        {
            packets = bad = 0;
            if (listener != null) listener.Count(out packets, out bad);
        }

        /// <summary>Copies the newest of everything; false, with nothing changed, while the port is not open.</summary>
        public bool Read(VmcFrame frame)
        {
            if (listener == null) return false;
            listener.Read(frame);
            return true;
        }

        private void OnEnable()
        {
            complained = false;
            Open();
        }

        private void Update()
        {
            if (listener != null)
            {
                if (!heard) Report();
                return;
            }
            retryIn -= Time.unscaledDeltaTime;
            if (retryIn <= 0f) Open();
        }

        private void OnDisable()
        {
            if (listener != null) listener.Dispose();
            listener = null;
        }

        private void Open()
        {
            retryIn = RetryAfter;
            heard = false;
            try
            {
                listener = new VmcListener(address, port);
                Debug.Log($"VMC receiver listens on {address}:{port}", this);
            }
            catch (SocketException e)
            {
                Complain($"{address}:{port} cannot be opened ({e.SocketErrorCode}): is another VMC app open? Close it, or change the port.");
            }
            catch (Exception e) when (e is FormatException || e is ArgumentException)
            {
                Complain($"{address}:{port} is no address: 127.0.0.1 or 0.0.0.0 will do, and a port from 1 to 65535.");
            }
        }

        /// <summary>Says once what comes, for whoever wonders why nothing moves.</summary>
        private void Report()
        {
            long packets, bad;
            Count(out packets, out bad);
            if (packets == 0 || (bad == packets && packets < Doubtful)) return;
            heard = true;
            if (bad < packets) Debug.Log($"VMC receiver: packets are coming in on port {port}", this);
            else Debug.LogWarning($"VMC receiver: packets come in on port {port}, but they are not VMC. Which protocol does the sender speak?", this);
        }

        private void Complain(string what)
        {
            if (!complained) Debug.LogError("VMC receiver: " + what, this);
            complained = true;
        }
    }
}
