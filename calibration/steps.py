"""The guided half minute: what the performer is asked to do, step by step, and what each step is for."""

from __future__ import annotations

from dataclasses import dataclass

SIDES = ("Left", "Right")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    name: str
    prompt: str
    seconds: float
    measures: str
    """What it is for, in a word or two."""
    clip: str
    """The kind of clip that shows it as well: turns, shapes, lids, looks or ahead."""
    shapes: tuple[str, ...] = ()
    """ARKit names that are at their most."""
    skippable: bool = True


def _both(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}{side}" for name in names for side in SIDES)


STEPS = (
    Step(
        "ahead", "Look at the middle of your screen, at ease", 2.0, "straight ahead, and your face at rest", "ahead",
        skippable=False,
    ),
    Step("left", "Turn your head slowly to your left and back, your eyes with it", 3.5, "your own face", "turns"),
    Step("right", "Turn slowly to your right and back, your eyes with it", 3.5, "your own face", "turns"),
    Step("up", "Raise your head slowly and come back, your eyes with it", 3.0, "your own face", "turns"),
    Step("down", "Lower your head slowly and come back, your eyes with it", 3.0, "your own face", "turns"),
    Step("blink", "Blink a few times, firmly", 2.5, "your eyelids", "lids", _both("eyeBlink")),
    Step("wink left", "Wink with your left eye only", 2.0, "your left eyelid", "lids", ("eyeBlinkLeft",)),
    Step("wink right", "Wink with your right eye only", 2.0, "your right eyelid", "lids", ("eyeBlinkRight",)),
    Step("wide", "Open your eyes wide", 1.5, "wide eyes", "shapes", _both("eyeWide")),
    Step("smile", "Smile as broadly as you can", 1.5, "your smile", "shapes", _both("mouthSmile")),
    Step("open", "Open your mouth wide", 1.5, "your jaw", "shapes", ("jawOpen",)),
    Step("pucker", "Pucker your lips, as for a kiss", 1.5, "your lips", "shapes", ("mouthPucker",)),
    Step("puff", "Puff out your cheeks", 1.5, "your cheeks", "shapes", ("cheekPuff",)),
    Step("tongue", "Put out your tongue", 1.5, "your tongue", "shapes", ("tongueOut",)),
    Step("brows up", "Raise your eyebrows", 1.5, "your brows", "shapes", ("browInnerUp", *_both("browOuterUp"))),
    Step("brows down", "Draw your eyebrows together", 1.5, "your brows", "shapes", _both("browDown")),
    Step(
        "corners", "Head still: look at each corner of your screen, one after the other", 4.0, "your gaze", "looks"
    ),
)  # fmt: skip
"""In the order in which they are asked for."""
BY_NAME = {step.name: step for step in STEPS}
TURNS = ("left", "right", "up", "down")
FREE = "free"
"""A recording that shows this and that, in whatever order: each step is looked for in it."""
CLIPS = {step.name.replace(" ", "-"): step.name for step in STEPS} | {
    "yaw": "turns", "pitch": "turns", "roll": "turns", "sweep": "turns", "turn": "turns", "turns": "turns",
    "iso": "shapes", "isolation": "shapes", "shapes": "shapes",
    "blink": "lids", "wink": "lids", "lids": "lids",
    "gaze": "looks", "looks": "looks", "corners": "looks",
    "ahead": "ahead", "neutral": "ahead", "free": FREE,
}  # fmt: skip
"""Last word of a clip's name -> what it shows: of one kind of step, or one step."""


def shows(label: str, step: Step) -> bool:
    """Whether a take of this label shows the step."""
    return label in (step.name, step.clip, FREE)
