"""What "Not moving?" says: in three languages, with the same figures, and of what a real run lacks."""

from __future__ import annotations

import re
import socket
import string
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from vtuber import ports
from vtuber.examining import OUTPUT_KEYS
from vtuber.findings import mask, sunglasses, told
from vtuber.findings_text import TEXTS
from vtuber.server.viewers import FIRST_ID, Message, Viewer
from vtuber.sources.demo import CLIP
from vtuber.sources.video import Source
from vtuber.stages import Array, Frame
from vtuber.trackers.face_landmarker import Tracker

LANGUAGES = Path(__file__).parents[1] / "web_client" / "src" / "studio" / "texts"
SHARED = Path(__file__).parents[1].parent / "shared" / "data"
CLIPS = ("video/liveportrait/driving/d3", "video/liveportrait/driving/d9", "video/3ddfa/obama", "gt/B_dim", "gt/A_yaw")
"""The nearest to an alarm, one with clear glasses, one in the dark, one turned far."""
VTUBER = Path(__file__).parents[1] / "vtuber"


def texts(language: str) -> dict[str, str]:
    source = (LANGUAGES / f"{language}.ts").read_text(encoding="utf-8")
    block = re.search(r"\n  findings: \{\n(.*?)\n  \},", source, re.DOTALL)
    assert block, language
    found = re.findall(r"^    (\w+): '((?:[^'\\]|\\.)*)',$", block[1], re.MULTILINE)
    return {key: text.replace("\\'", "'") for key, text in found}


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_pages_english_is_ours() -> None:
    assert texts("en") == TEXTS


@pytest.mark.parametrize("language", ["ja", "zh_hant"])
def test_every_finding_is_said_in_every_language_with_the_same_figures(language: str) -> None:
    said = texts(language)
    assert list(said) == list(TEXTS)
    for key, text in TEXTS.items():
        assert names(said[key]) == names(text), key
        assert not said[key].isascii() and said[key] != text, key


def test_no_text_is_left_over_or_missing() -> None:
    sources = [(VTUBER / f"{name}.py").read_text(encoding="utf-8") for name in ("findings", "examining")]
    used = set(re.findall(r'"([a-z]+[A-Z]\w+|listening|sunglasses)"', "\n".join(sources))) | set(OUTPUT_KEYS.values())
    assert used == set(TEXTS)


def test_a_finding_carries_text_key_and_figures() -> None:
    finding = told("light", False, "lightDark", level=12)
    assert finding.text == "too dark (12 of 255): put a lamp in front of you"
    assert (finding.key, finding.arguments) == ("lightDark", {"level": "12"})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who holds a port")
@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_who_holds_a_port_is_named(kind: str) -> None:
    code = (
        "import socket, sys; s = socket.socket(socket.AF_INET, "
        f"{'socket.SOCK_DGRAM' if kind == 'udp' else 'socket.SOCK_STREAM'}); s.bind(('127.0.0.1', 0));"
        f"{'' if kind == 'udp' else 's.listen();'} print(s.getsockname()[1], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdin
        port = int(other.stdout.readline())
        assert f"(process {other.pid})" in ports.holder(port, kind)  # type: ignore[arg-type]
        other.stdin.close()
    assert ports.holder(port, kind) == ""  # type: ignore[arg-type]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who holds a port")
def test_our_own_port_is_nobody_elses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as own:
        assert ports.holder(own.getsockname()[1], "tcp") == ""


def faces(path: Path, every: int, most: int) -> Iterator[tuple[Frame, Array]]:
    """Frames of a film, and the 68 points of the face in them, px."""
    tracker = Tracker()
    for frame in Source(str(path), realtime=False):
        if frame.index >= most:
            break
        for seen in tracker.track(frame) if frame.index % every == 0 else []:
            if seen.face is not None:
                yield frame, seen.face.landmarks[seen.face.layout.ibug68]
    tracker.close()


def shaded(frame: Frame, points: Array) -> Frame:
    """The same picture with dark lenses before the eyes."""
    image, over = frame.image.copy(), frame.image.copy()
    for outer, inner in ((36, 39), (42, 45)):
        across = points[inner, :2] - points[outer, :2]
        middle = (points[inner, :2] + points[outer, :2]) / 2 + 0.15 * np.array([-across[1], across[0]])
        width, angle = float(np.linalg.norm(across)), float(np.degrees(np.arctan2(across[1], across[0])))
        axes = (int(width), int(0.85 * width))
        cv2.ellipse(over, (int(middle[0]), int(middle[1])), axes, angle, 0, 360, (22, 20, 24), -1)
    return Frame(cv2.addWeighted(over, 0.92, image, 0.08, 0.0).astype(np.uint8), frame.timestamp, frame.index)


def test_dark_glasses_are_told_from_bare_eyes() -> None:
    """Also where the tracker has to find the face behind them anew."""
    tracker, found = Tracker(), []
    for frame, points in faces(CLIP, 15, 120):
        assert sunglasses(frame, points) is None and mask(frame, points) is None, frame.index
        dark = shaded(frame, points)
        tracker.forget()
        for seen in tracker.track(dark):
            assert seen.face is not None
            found.append(sunglasses(dark, seen.face.landmarks[seen.face.layout.ibug68]))
    tracker.close()
    assert len(found) >= 6 and all(finding is not None and finding.key == "sunglasses" for finding in found)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the clips of the test data beside the checkout")
@pytest.mark.parametrize("clip", CLIPS)
def test_nobody_is_told_of_dark_glasses_or_a_mask_that_are_not_there(clip: str) -> None:
    seen = list(faces(SHARED / f"{clip}.mp4", 6, 60))
    assert len(seen) >= 6
    assert [frame.index for frame, points in seen if sunglasses(frame, points) or mask(frame, points)] == []


@pytest.mark.parametrize("colour", [(225, 225, 228), (150, 195, 225), (28, 28, 30)], ids=["white", "blue", "black"])
def test_a_mask_is_told(colour: tuple[int, int, int]) -> None:
    """Painted on, with the light and shade of the face, and found anew behind it."""
    tracker, found = Tracker(), []
    for frame, points in faces(CLIP, 20, 120):
        masked = covered(frame, points[:, :2], colour)
        tracker.forget()
        for seen in tracker.track(masked):
            assert seen.face is not None
            found.append(mask(masked, seen.face.landmarks[seen.face.layout.ibug68]))
    tracker.close()
    told_of = [finding for finding in found if finding is not None and finding.key == "maskWorn"]
    assert len(found) >= 4 and len(told_of) >= 0.75 * len(found)


def covered(frame: Frame, points: Array, colour: tuple[int, int, int]) -> Frame:
    """The same picture with a mask from the nose to the chin."""
    inside = np.zeros(frame.image.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.concatenate([points[2:15], points[29:30]]).round().astype(np.int32)], 1)
    grey = cv2.GaussianBlur(frame.image.mean(axis=2).astype(np.float32), (0, 0), 8)
    cloth = np.array(colour) * (0.6 + 0.4 * np.clip(grey / grey.mean(), 0.5, 1.6))[..., None]
    image = np.where(inside[..., None] > 0, np.clip(cloth + 0.05 * frame.image, 0, 255), frame.image)
    return Frame(image.astype(np.uint8), frame.timestamp, frame.index)


def test_a_page_that_has_stopped_answering_is_told_from_one_that_owes_nothing() -> None:
    viewer = Viewer(deque())
    line = viewer.offer(Message(0, 0.0, "{")).queue(promised=False)
    line.write(10.0)
    assert viewer.owes(14.0) == pytest.approx(4.0)
    viewer.acknowledged(FIRST_ID, 14.0)
    assert viewer.owes(20.0) == 0.0
