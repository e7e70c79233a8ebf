"""Flow control, without a socket: a slow viewer gets fewer states, never older ones."""

import json
from collections import deque

import pytest
from server_clients import mark_of, state

from vtuber.server.viewers import FORGET, GIVE_UP, WINDOW, Audience, Line, encode


def written(line: Line, now: float = 0.0) -> tuple[int, int | None]:
    """Write the packet; its mark and the number that it asks to be acknowledged with."""
    text = line.write(now)
    number, _, rest = text[1:].partition("[")
    return mark_of(json.loads(f"[{rest}")[1]), int(number) if number else None


@pytest.fixture
def audience() -> Audience:
    return Audience(deque(maxlen=100))


def answering(audience: Audience, *sids: str) -> None:
    """Let viewers join an empty house, get a state and acknowledge it."""
    for sid in sids:
        assert audience.join(sid, 0.0) == []
    for sid, line in audience.show(encode(state()), 0.0).items():
        number = written(line)[1]
        assert number is not None and audience.acknowledged(sid, number, 0.0) == []


def test_packet_is_a_socketio_event_with_the_age_at_writing(audience: Audience) -> None:
    audience.join("a", 0.0)
    text = audience.show(encode(state(7, timestamp=10.0)), 10.001)["a"].write(10.25)
    assert text[0] == "2"
    event, message = json.loads(text[text.index("[") :])
    assert event == "avatar"
    assert message["t"] == 10.0 and message["age"] == 0.25 and len(message["blendshapes"]) == 52


def test_packet_takes_the_newest_state_when_it_is_written(audience: Audience) -> None:
    audience.join("a", 0.0)
    line = audience.show(encode(state(1)), 0.0)["a"]
    assert audience.show(encode(state(2)), 0.0) == {}, "one packet waits already"
    assert written(line)[0] == 2


def test_window_holds_back_and_the_next_answer_brings_the_newest(audience: Audience) -> None:
    answering(audience, "a")
    numbers = []
    for mark in range(1, 20):
        for line in audience.show(encode(state(mark)), 0.0).values():
            numbers.append(written(line)[1])
    assert len(numbers) == WINDOW
    (line,) = audience.acknowledged("a", numbers[0] or 0, 0.0)
    assert written(line)[0] == 19
    assert audience.acknowledged("a", numbers[1] or 0, 0.0) == [], "nothing is newer than what was sent"


def test_answer_covers_all_earlier_packets(audience: Audience) -> None:
    answering(audience, "a")
    numbers = [written(audience.show(encode(state(mark)), 0.0)["a"])[1] for mark in range(WINDOW)]
    assert audience.show(encode(state(10)), 0.0) == {}
    audience.acknowledged("a", numbers[-1] or 0, 0.0)
    assert not audience.viewers["a"].unacknowledged
    assert all(line.unacknowledged <= WINDOW for line in audience.viewers["a"].lines.values())


def test_persons_have_windows_of_their_own(audience: Audience) -> None:
    answering(audience, "a")
    for mark in range(10):
        for line in audience.show(encode(state(mark)), 0.0).values():
            line.write(0.0)
    assert list(audience.show(encode(state(5, person=1)), 0.0)) == ["a"]


def test_viewer_that_never_answers_is_held_back_by_its_socket_alone(audience: Audience) -> None:
    audience.join("a", 0.0)
    asked = [written(audience.show(encode(state(mark)), 0.0)["a"])[1] for mark in range(1000)]
    assert [number is not None for number in asked] == [True] * WINDOW + [False] * (1000 - WINDOW)
    assert len(audience.viewers["a"].unacknowledged) == WINDOW, "what is never answered is not remembered"


def test_lost_answer_does_not_freeze_a_viewer_for_ever(audience: Audience) -> None:
    answering(audience, "a")
    for _ in range(WINDOW):
        audience.show(encode(state()), 0.0)["a"].write(0.0)
    assert audience.show(encode(state()), GIVE_UP - 0.1) == {}
    assert written(audience.show(encode(state(3)), GIVE_UP + 0.1)["a"])[0] == 3


def test_late_viewer_gets_everybody_and_a_forgotten_person_is_gone(audience: Audience) -> None:
    audience.show(encode(state(1)), 0.0)
    audience.show(encode(state(2, person=1)), 5.0)
    assert sorted(written(line)[0] for line in audience.join("a", 5.0)) == [1, 2]
    audience.forget(FORGET + 1.0)
    assert [written(line)[0] for line in audience.join("b", 5.0)] == [2]
    assert list(audience.viewers["a"].lines) == [1]


def test_latency_with_no_viewer_ends_when_the_state_was_taken(audience: Audience) -> None:
    audience.show(encode(state(timestamp=1.0)), 1.5)
    assert list(audience.latencies) == [0.5]


def test_latency_counts_until_the_last_ready_viewer_has_its_packet(audience: Audience) -> None:
    answering(audience, "a", "b", "stalled")
    for _ in range(WINDOW):
        for sid, line in audience.show(encode(state()), 0.0).items():
            number = written(line)[1]
            if sid != "stalled":
                audience.acknowledged(sid, number or 0, 0.0)
    audience.latencies.clear()
    lines = audience.show(encode(state(timestamp=1.0)), 1.0)
    assert sorted(lines) == ["a", "b"]
    lines["a"].write(1.25)
    assert not audience.latencies
    lines["b"].write(1.5)
    assert list(audience.latencies) == [0.5]


def test_strange_answers_are_harmless(audience: Audience) -> None:
    answering(audience, "a")
    for number in (-1, 0, 10**30):
        audience.acknowledged("a", number, 0.0)
        audience.acknowledged("nobody", number, 0.0)
    assert written(audience.show(encode(state(4)), 0.0)["a"])[0] == 4
