"""What arrives on a port, decoded, with its rate and what was wrong: why isn't it moving?"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from vtuber import parts, rotation
from vtuber.stages import Array, Observation, Performance, Source, Statistics, VTuberError
from vtuber.udp import Listener, is_loopback

SHAPES = 6
"""How many of the strongest shapes are shown."""
FAINT = 0.05
"""A shape below this is not worth a word."""


def protocols() -> list[str]:
    """The sources that listen: their names."""
    return [name for name in parts.names("source") if not parts.find("source", name).pictures]


def listen(text: str) -> Source:
    """`PROTOCOL` or `PROTOCOL:ARGUMENT`, as after --source.

    Raises:
        VTuberError: no such protocol, or its port is taken.
    """
    name, _, argument = text.partition(":")
    if name not in parts.names("source") or parts.find("source", name).pictures:
        raise VTuberError(f"{name!r} is no protocol that is listened to; there are: {', '.join(protocols())}")
    source: Source = parts.make("source", name, {}, argument)
    return source


def watch(source: Source, seconds: float = math.inf) -> Iterator[str]:
    """Lines for people, once a second, for so long. Ends early when the source does.

    Raises:
        VTuberError: at the end, when nothing came that was understood.
    """
    counted = source.statistics or Statistics()
    received, understood, silent = 0, 0, 0
    last: dict[int, Observation] = {}
    start = time.perf_counter()
    tick = start + min(1.0, seconds)
    for item in source:
        if isinstance(item, Observation):
            understood += 1
            last[item.person] = item
        now = time.perf_counter()
        if now < tick:
            continue
        span, tick = now - tick + 1.0, now + 1.0
        came, received = counted.received - received, counted.received
        silent = 0 if came else silent + 1
        yield f"{now - start:6.1f} s  {_rate(came / span, counted, silent)}"
        yield from (f"          {line}" for person, seen in sorted(last.items()) for line in _decoded(person, seen))
        last.clear()
        if now - start >= seconds:
            break
    if not understood:
        raise VTuberError(f"nothing came that says something: {_advice(source, counted)}")


def _rate(rate: float, counted: Statistics, silent: int) -> str:
    if silent:
        return f"silent for {silent} s"
    words = [f"{rate:.0f} packets/s"]
    if counted.lost:
        words.append(f"{counted.lost} lost so far")
    if counted.refused:
        words.append(f"{counted.refused} of {counted.received} refused, the last: {counted.last_error}")
    return ", ".join(words)


def _advice(source: Source, counted: Statistics) -> str:
    if counted.refused:
        return f"{counted.refused} packets were refused, the last: {counted.last_error}; is it another protocol?"
    if counted.received:
        return f"{counted.received} packets came; does the app track a face?"
    port = ""
    if isinstance(source, Listener) and is_loopback(source.host):
        port = f"; for a phone or another computer, listen on 0.0.0.0:{source.port}"
    return f"check address and port in the app's settings; what listens is {source.describe()}{port}"


def _decoded(person: int, seen: Observation) -> Iterator[str]:
    said = seen.performance
    if said is None:
        yield f"person {person}: nobody is seen"
        return
    words = []
    if said.rotation is not None:
        words.append(f"head {_angles(said.rotation)}")
    if said.position is not None:
        x, y, z = (100 * said.position).tolist()
        words.append(f"at {x:+.1f} {y:+.1f} {z:+.1f} cm")
    if said.gaze is not None:
        left_yaw, left_pitch, right_yaw, right_pitch = (math.degrees(a) for a in said.gaze.tolist())
        words.append(f"eyes left {left_yaw:+.0f} {left_pitch:+.0f}, right {right_yaw:+.0f} {right_pitch:+.0f}")
    if said.bones:
        words.append(f"{len(said.bones)} more bones")
    yield f"person {person}: {', '.join(words) or 'no head'}"
    yield from _strongest(said)


def _angles(q: Array) -> str:
    yaw, pitch, roll = (math.degrees(a) for a in rotation.angles(rotation.normalize(q)))
    return f"yaw {yaw:+.1f} pitch {pitch:+.1f} roll {roll:+.1f}"


def _strongest(said: Performance) -> Iterator[str]:
    for kind, weights in (("shapes", said.blendshapes), ("expressions", said.expressions)):
        if weights is None:
            continue
        shown = sorted(((w, name) for name, w in weights.items() if w >= FAINT), reverse=True)[:SHAPES]
        listed = "  ".join(f"{name} {weight:.2f}" for weight, name in shown) or "all at rest"
        yield f"{len(weights)} {kind}: {listed}"
