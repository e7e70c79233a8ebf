using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UnityEngine;
using VTuberBridge;
using Debug = UnityEngine.Debug;

public static class ReceiverTests
{
    private static VmcReceiver Receiver(string address, int port)
    {
        var receiver = new GameObject("receiver").AddComponent<VmcReceiver>();
        receiver.enabled = false;
        Debug.Errors.Clear();
        receiver.address = address;
        receiver.port = port;
        receiver.enabled = true;
        return receiver;
    }

    public static void A_taken_port_is_said_once_and_tried_again()
    {
        var port = Puppet.FreePort();
        VmcReceiver receiver;
        using (new UdpClient(new IPEndPoint(IPAddress.Loopback, port)))
        {
            receiver = Receiver("127.0.0.1", port);
            for (var i = 0; i < 100; i++) Scene.Step(0.1f);
            Check.That(!receiver.Listening, "taken");
            Check.Same(1, Debug.Errors.Count, string.Join(" ", Debug.Errors));
            Check.That(Debug.Errors[0].Contains(port.ToString()) && Debug.Errors[0].Contains("another VMC app"), Debug.Errors[0]);
            Check.That(!receiver.Read(new VmcFrame()), "nothing to read");
        }
        for (var i = 0; i < 30; i++) Scene.Step(0.1f);
        Check.That(receiver.Listening, "free again");
    }

    public static void It_says_once_what_comes_in()
    {
        var receiver = Receiver("127.0.0.1", Puppet.FreePort());
        Scene.Step();
        Debug.Said.Clear();
        var left = 30;
        Puppet.Until(receiver, () => left-- == 0, new byte[] { 1, 2, 3, 4 }, "30 packets of rubbish");
        Check.That(Debug.Said.Single().Contains("not VMC"), string.Join(" ", Debug.Said));
        receiver.enabled = false;
        receiver.enabled = true;
        Debug.Said.Clear();
        left = 30;
        Puppet.Until(receiver, () => left-- == 0, Packets.Round(0f), "30 packets");
        Check.That(Debug.Said.Single().Contains("packets are coming"), string.Join(" ", Debug.Said));
    }

    public static void A_wrong_address_is_said_in_plain_words()
    {
        var receiver = Receiver("localhost:39539", 39539);
        Check.That(!receiver.Listening && Debug.Errors.Single().Contains("is no address"), string.Join(" ", Debug.Errors));
        Check.That(!Receiver("127.0.0.1", 70000).Listening && Debug.Errors.Single().Contains("is no address"), string.Join(" ", Debug.Errors));
    }

    public static void Disabling_frees_the_port_at_once()
    {
        var port = Puppet.FreePort();
        for (var i = 0; i < 5; i++)
        {
            var receiver = Receiver("127.0.0.1", port);
            Check.That(receiver.Listening, string.Join(" ", Debug.Errors));
            receiver.enabled = false;
        }
        using (new UdpClient(new IPEndPoint(IPAddress.Loopback, port))) { }
    }

    public static void Rubbish_is_counted_and_the_good_packet_after_it_is_read()
    {
        using (var listener = new VmcListener("127.0.0.1", 0))
        using (var sender = new UdpClient())
        {
            sender.Connect(IPAddress.Loopback, listener.Port);
            sender.Send(new byte[] { 1, 2, 3 }, 3);
            sender.Send(new byte[60000], 60000);
            var good = Packets.Round(0f, Packets.Value("JawOpen", 0.5f));
            sender.Send(good, good.Length);
            var frame = new VmcFrame();
            long packets, bad = 0;
            var waited = Stopwatch.StartNew();
            for (packets = 0; packets < 3; listener.Count(out packets, out bad))
            {
                Check.That(waited.ElapsedMilliseconds < 60000, "packets never came");
                Thread.Sleep(2);
            }
            listener.Read(frame);
            Check.Same(2L, bad, "bad");
            Check.Same(0.5f, frame.Weights[Channels.Of("jawOpen")], "jaw");
            listener.Dispose();
        }
    }

    public static void The_newest_is_read_however_many_came()
    {
        using (var listener = new VmcListener("127.0.0.1", 0))
        using (var sender = new UdpClient())
        {
            sender.Connect(IPAddress.Loopback, listener.Port);
            var frame = new VmcFrame();
            long packets = 0, bad;
            for (var i = 1; i <= 2000; i++)
            {
                var packet = Packets.Round(0f, Packets.Value("JawOpen", i / 2000f));
                sender.Send(packet, packet.Length);
                // The kernel's buffer is finite, and it is not what is tested here.
                for (var waits = 0; i - packets > 50 && waits < 2000; waits++, listener.Count(out packets, out bad)) Thread.Sleep(1);
            }
            var waited = Stopwatch.StartNew();
            while (frame.Weights[Channels.Of("jawOpen")] < 1f)
            {
                Check.That(waited.ElapsedMilliseconds < 60000, "the newest never came");
                Thread.Sleep(1);
                listener.Read(frame);
            }
        }
    }

    public static void The_sample_moves_its_head()
    {
        var port = Puppet.FreePort();
        var receiver = Receiver("127.0.0.1", port);
        var sample = Scene.Objects[0].AddComponent<PrimitiveHead>();
        new GameObject("camera").AddComponent<Camera>();
        var packet = Packets.Round(20f, Packets.Value("JawOpen", 1f), Packets.Value("EyeBlinkLeft", 1f));
        Scene.Step();
        var mouth = Scene.Objects.Single(o => o.name == "Mouth").transform;
        Puppet.Until(receiver, () => mouth.localScale.y > 0.2299f, packet, "an open mouth");
        Check.Near(0, Quaternion.Angle(Quaternion.Euler(0, 20, 0), sample.Head.localRotation), 0.5, "head");
    }
}
