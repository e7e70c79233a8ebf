"""The shared ends of every UDP part, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator

import pytest

from vtuber import udp
from vtuber.stages import Observation, VTuberError
from vtuber.udp import Address, Listener, Sender


class Numbers(Listener):
    """A protocol of its own: a datagram is a number, which is the person seen."""

    def __init__(self, argument: str = "0") -> None:
        super().__init__(argument, 9, "numbers")
        self.reminders = 0

    def observe(self, data: bytes, t: float, sender: Address) -> Iterable[Observation]:
        if data == b"part":
            return
        try:
            person = int(data)
        except ValueError:
            raise ValueError(f"{data!r} is no number") from None
        yield Observation(t, person, (0, 0), None)

    def remind(self, t: float) -> None:
        self.reminders += 1


@pytest.fixture
def listener() -> Iterator[Numbers]:
    made = Numbers()
    yield made
    made.close()


def sender_to(listener: Listener) -> Sender:
    return Sender(f"127.0.0.1:{listener.port}", 9)


@pytest.mark.parametrize(
    "argument, expected",
    [
        ("", ("127.0.0.1", 39539)),
        ("5", ("127.0.0.1", 5)),
        ("192.168.1.5", ("192.168.1.5", 39539)),
        ("192.168.1.5:7", ("192.168.1.5", 7)),
        (" pc.local:7 ", ("pc.local", 7)),
        (":7", ("127.0.0.1", 7)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]:7", ("::1", 7)),
        ("[::1]", ("::1", 39539)),
        ("::1", ("::1", 39539)),
    ],
)
def test_an_address_may_leave_out_either_half(argument: str, expected: Address) -> None:
    assert udp.address(argument, 39539) == expected


@pytest.mark.parametrize("argument", ["host:port", "host:65536", "65536", "[::1]:x", "host:-1"])
def test_what_is_no_address_is_refused(argument: str) -> None:
    with pytest.raises(VTuberError, match="is no address: write HOST:PORT"):
        udp.address(argument, 39539)


def test_it_listens_on_loopback_unless_told_otherwise() -> None:
    for argument, host, reach in [
        ("0", "127.0.0.1", "this computer only"),
        ("0.0.0.0:0", "0.0.0.0", "open to the network"),
    ]:
        made = Numbers(argument)
        assert made.host == host
        assert made.describe() == f"numbers on {host}:{made.port} ({reach})"
        made.close()


def test_datagrams_become_observations_and_silence_becomes_none(listener: Numbers) -> None:
    sender, items = sender_to(listener), iter(listener)
    assert next(items) is None
    before = time.perf_counter()
    sender.send(b"3")
    seen = next(items)
    assert seen is not None and seen.person == 3
    assert before < seen.timestamp < time.perf_counter()
    sender.send(b"part")
    assert next(items) is None
    assert listener.reminders >= 3
    sender.close()


def test_who_reads_late_gets_the_newest_of_each_person(listener: Numbers) -> None:
    sender = sender_to(listener)
    for i in range(60):
        sender.send(b"%d" % (i % 2))
    first_sent = time.perf_counter()
    items = iter(listener)
    assert [next(items).person, next(items).person] == [0, 1]  # type: ignore[union-attr]
    assert next(items) is None, "nothing older is kept"
    assert listener.statistics.received == 60
    assert first_sent > 0
    sender.close()


def test_a_bad_datagram_is_counted_and_the_good_one_after_it_works(listener: Numbers) -> None:
    sender, items = sender_to(listener), iter(listener)
    sender.send(b"rubbish")
    sender.send(b"")
    assert next(items) is None
    assert (listener.statistics.received, listener.statistics.refused) == (2, 2)
    assert listener.statistics.last_error == "b'' is no number"
    sender.send(b"1")
    assert next(items) is not None
    assert (listener.statistics.received, listener.statistics.refused) == (3, 2)
    sender.close()


def test_a_flood_of_rubbish_does_not_stop_time(listener: Numbers) -> None:
    stop = threading.Event()

    def flood() -> None:
        rubbish = sender_to(listener)
        while not stop.is_set():
            rubbish.send(b"rubbish")
        rubbish.close()

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        assert next(iter(listener)) is None
    finally:
        stop.set()
        thread.join()
    assert listener.statistics.refused > 10


def test_close_wakes_the_reader_frees_the_port_and_may_be_repeated() -> None:
    listener = Numbers()
    ended = threading.Event()

    def read() -> None:
        for _ in listener:
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    listener.close()
    again = Numbers(str(listener.port))
    assert ended.wait(5)
    listener.close()
    again.close()
    assert list(again) == []


def test_a_taken_port_says_what_to_do(listener: Numbers) -> None:
    with pytest.raises(VTuberError, match=f"numbers: port {listener.port} is taken, .* name another port"):
        Numbers(str(listener.port))
    with pytest.raises(VTuberError, match="198.51.100.1 is no address of this computer"):
        Numbers("198.51.100.1:0")
    with pytest.raises(VTuberError, match="there is no host"):
        Numbers("no-such-host.invalid:1")


def test_who_starts_to_listen_later_is_served(caplog: pytest.LogCaptureFixture) -> None:
    free = Numbers()
    free.close()
    sender = Sender(str(free.port), 9)
    for _ in range(50):
        sender.send(b"1")
    assert caplog.text.count("nobody listens") <= 1, "said once, where the system tells at all"
    again = Numbers(str(free.port))
    items = iter(again)
    sender.send(b"1")
    sender.send(b"2")
    assert {item.person for item in (next(items), next(items)) if item} & {1, 2}
    again.close()
    sender.close()
    sender.close()


def test_a_reader_that_does_not_read_blocks_nobody() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        sender = Sender(str(deaf.getsockname()[1]), 9)
        for _ in range(5000):
            sender.send(bytes(1400))
        sender.close()


def test_a_datagram_that_is_too_long_is_an_oserror(listener: Numbers) -> None:
    sender = sender_to(listener)
    with pytest.raises(OSError):
        sender.send(bytes(70_000))
    sender.close()


def test_a_reply_goes_to_who_sent(listener: Numbers) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(5)
        listener.reply(b"hello", phone.getsockname())
        assert phone.recvfrom(100) == (b"hello", ("127.0.0.1", listener.port))


def test_the_way_to_another_app_says_where_its_answers_come_to() -> None:
    assert udp.route("localhost", 21412) == (("127.0.0.1", 21412), "127.0.0.1")
    with pytest.raises(VTuberError, match="there is no host 'no such host'"):
        udp.route("no such host", 1)
