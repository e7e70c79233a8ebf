"""What the studio may ask of a run: small named messages, checked as they come in.

A message is a JSON object; its `do` says which of these it is: {"do": "set", "section": "filter", "key": "smoothing",
"value": 0.5}.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from vtuber.moods import Mood

Text = Annotated[str, msgspec.Meta(max_length=400)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Value = bool | int | float | Text | None


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """One wish."""


class Choose(Command, frozen=True, tag="choose"):
    """Another source, tracker, filter or profile; "" is the usual one."""

    what: Literal["source", "tracker", "filter", "profile"]
    value: Text


class Sources(Command, frozen=True, tag="sources"):
    """Several sources together, the lowest first, each as after --source: `body,hands=vmc:39540`."""

    sources: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=8)]


class Set(Command, frozen=True, tag="set"):
    """A setting of a part, in the words of vtuber.toml; None is its default."""

    section: Name
    key: Name
    value: Value
    own: bool = False
    """For the avatar on stage alone."""


class Shape(Command, frozen=True, tag="shape"):
    """Gain and offset of a shape."""

    name: Name
    gain: float = 1.0
    offset: float = 0.0
    own: bool = False
    """For the avatar on stage alone."""


class PutOutput(Command, frozen=True, tag="output"):
    """An output in a row of the list, or in a new one, on or off."""

    text: Name
    """As after --output: PART or PART:ADDRESS."""
    on: bool
    row: int | None = None


class DropOutput(Command, frozen=True, tag="drop_output"):
    """Forget the output of this row."""

    row: int


class Recentre(Command, frozen=True, tag="recentre"):
    """How the head is held now is straight ahead."""


class Away(Command, frozen=True, tag="away"):
    """Send the avatar to rest, or have it back."""

    on: bool


class Show(Command, frozen=True, tag="show"):
    """These expressions are on, and no others."""

    names: tuple[Name, ...]


class PutMood(Command, frozen=True, tag="expression"):
    """An expression in the place of `old`, or a new one; without a mood, `old` is taken out."""

    old: str = ""
    mood: Mood | None = None


class TakeFace(Command, frozen=True, tag="take_face"):
    """The performer's face as it is now becomes the mix of shapes of this expression."""

    name: Name


class Avatar(Command, frozen=True, tag="avatar"):
    """Show this avatar of the library."""

    name: Name


class RemoveAvatar(Command, frozen=True, tag="remove_avatar"):
    """Delete this avatar of the user's own."""

    name: Name


class Frame(Command, frozen=True, tag="frame"):
    """How the avatar on stage is framed wherever no address says otherwise; "" is the usual way."""

    camera: Literal["", "bust", "face", "full"] = ""
    view: Annotated[str, msgspec.Meta(pattern=r"^(-?[0-9.]{1,8}(,-?[0-9.]{1,8}){0,4})?$")] = ""
    """yaw,pitch,zoom,x,y, as in a viewer's address."""


class Common(Command, frozen=True, tag="common"):
    """The avatar on stage has no settings of its own any more, of these."""

    what: Literal["shapes", "following"]


class SaveProfile(Command, frozen=True, tag="save_profile"):
    """Keep the profile in use under a name of its own, and use that."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[\w][\w -]{0,39}$")]


class Calibrate(Command, frozen=True, tag="calibrate"):
    """Begin a guided calibration of what the run's own source shows, for the profile in use."""

    what: Literal["face", "camera"]
    screen: Annotated[float, msgspec.Meta(ge=3, le=200)] | None = None
    """The screen's diagonal in inches, of a page that fills the screen: then the gaze's gain is measured too."""
    board: Name = "charuco"
    """As after --board."""


class Guide(Command, frozen=True, tag="guide"):
    """To the calibration under way: pass over this step; measure from what was seen; keep what was found; or end it,
    whereby nothing is changed."""

    wish: Literal["skip", "enough", "keep", "end"]
    step: Text = ""
    """Which one is to be passed over: that it has begun another since is not the page's fault."""


class SwapProfile(Command, frozen=True, tag="swap_profile"):
    """The profile as it was before its last calibration; once more, as after it."""


class Unrefine(Command, frozen=True, tag="unrefine"):
    """The ranges as they were calibrated, not as they have become in use."""


class Hotkeys(Command, frozen=True, tag="hotkeys"):
    """Hear the keys 1 to 9, A and C of every window, with these modifiers held, such as ctrl+alt; "": hear none."""

    held: Annotated[str, msgspec.Meta(max_length=40)]


class Visited(Command, frozen=True, tag="visited"):
    """The first visit is over, or wanted again."""

    done: bool


AnyCommand = (
    Choose
    | Sources
    | Set
    | Shape
    | PutOutput
    | DropOutput
    | Recentre
    | Away
    | Show
    | PutMood
    | TakeFace
    | Avatar
    | RemoveAvatar
    | Frame
    | Common
    | SaveProfile
    | Calibrate
    | Guide
    | SwapProfile
    | Unrefine
    | Hotkeys
    | Visited
)


def read(message: Any) -> AnyCommand:
    """A command from what came over the wire.

    Raises:
        ValueError: it is none; the text says where.
    """
    command: AnyCommand = msgspec.convert(message, AnyCommand)
    return command
