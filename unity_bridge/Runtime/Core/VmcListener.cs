using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading;

[assembly: InternalsVisibleTo("Tests")]

namespace VTuberBridge
{
    /// <summary>Reads VMC from a UDP port on a thread of its own. Whoever asks gets the newest; nothing is queued.</summary>
    public sealed class VmcListener : IDisposable
    {
        private const int LargestDatagram = 65536;
        private const int BufferSize = 1 << 20;

        /// <summary>Rather woken for nothing now and then than waiting for ever in a socket that somebody closes.</summary>
        private const int WakeUpMs = 200;

        private readonly Socket socket;
        private readonly Thread thread;
        private readonly VmcReader reader = new VmcReader();
        private readonly object gate = new object();
        private volatile bool closed;

        /// <param name="address">127.0.0.1 for this machine only, 0.0.0.0 for the whole network</param>
        /// <param name="port">0 takes a free one</param>
        /// <exception cref="SocketException">The port is taken, or the address is not this machine's.</exception>
        /// <exception cref="FormatException">The address is none.</exception>
        public VmcListener(string address, int port)
        {
            var here = new IPEndPoint(IPAddress.Parse(address), port);
            socket = new Socket(here.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                // Two receivers on one port would get every other packet each, or none: better an error.
                socket.ExclusiveAddressUse = true;
                // A sender without bundles sends some 150 packets at once.
                socket.ReceiveBufferSize = BufferSize;
                socket.Bind(here);
                Port = ((IPEndPoint)socket.LocalEndPoint).Port;
            }
            catch
            {
                socket.Close();
                throw;
            }
            thread = new Thread(Receive) { IsBackground = true, Name = "VMC receiver" };
            thread.Start();
        }

        public int Port { get; }

        /// <summary>Seconds on the clock of all times in a frame.</summary>
        public static double Now => Clock();

        /// <summary>Where Now comes from. Tests let their own time pass.</summary>
        internal static Func<double> Clock = () => (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;

        /// <summary>Copies the newest of everything.</summary>
        public void Read(VmcFrame frame)
        {
            lock (gate) reader.Frame.CopyTo(frame);
        }

        /// <summary>Packets taken, and of them those that were not wholly understood.</summary>
        public void Count(out long packets, out long bad)
        {
            lock (gate)
            {
                packets = reader.Good + reader.Bad;
                bad = reader.Bad;
            }
        }

        /// <summary>Frees the port. Calling it twice is harmless.</summary>
        public void Dispose()
        {
            closed = true;
            socket.Close();
            if (Thread.CurrentThread != thread) thread.Join(2 * WakeUpMs);
        }

        private void Receive()
        {
            var buffer = new byte[LargestDatagram];
            while (!closed)
            {
                try
                {
                    if (!socket.Poll(WakeUpMs * 1000, SelectMode.SelectRead)) continue;
                    var count = socket.Receive(buffer);
                    lock (gate) reader.Read(buffer, count, Now);
                }
                catch (SocketException)
                {
                    // Windows passes on that somebody's port is gone, and the next packet is as good as ever.
                    if (!closed) Thread.Sleep(10);
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
