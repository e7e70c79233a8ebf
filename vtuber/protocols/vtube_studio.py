"""VTube Studio's public API: envelopes, requests, and a state as its tracking parameters (DenchiSoft/VTubeStudio).

The sheet gives names and ranges; which way a parameter counts is not written down. FaceAngle and MouthX follow
Live2D's standard list, which the app's automatic set-up maps them to: + is the avatar's own left, up, left shoulder.
EyeLeftX and EyeRightX count the other way, for that set-up turns them round. Unverified: that eyes at rest are at 0.5,
and that FacePositionZ grows away from the camera.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from vtuber import rotation
from vtuber.wire import ARKIT, NO_TURN, AvatarState

API, VERSION = "VTubeStudioPublicAPI", "1.0"
PORT, DISCOVERY_PORT = 8001, 47779
PLUGIN = {"pluginName": "VTuber driver", "pluginDeveloper": "VTuber driver"}
TOKEN_LENGTH = 64
CUSTOM = {name: f"ARKit{name[0].upper()}{name[1:]}" for name in ARKIT}
"""Our own parameters. The prefix keeps them apart from the app's CheekPuff and TongueOut, and from other plug-ins'."""
API_OFF, NOT_AUTHENTICATED, DENIED, UNKNOWN, TAKEN = 1, 8, 50, 453, 454
"""Error numbers that are acted upon."""
LOOK_YAW_DEG, LOOK_PITCH_DEG = 30.0, 25.0
"""Gaze at which an eye parameter is 1."""
FULL_JAW = 0.7
"""jawOpen of a mouth that is open wide in speech."""
EYE_AT_REST = 0.5


class Refused(OSError):
    """The app answered with an error."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"{text} (error {number})")
        self.number = number


@dataclass(frozen=True, slots=True)
class Message:
    """One JSON text message, either way."""

    kind: str
    """The messageType."""
    data: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    """The requestID, which the answer repeats."""

    @classmethod
    def parse(cls, text: str | bytes) -> Message:
        """Raises ValueError: no message of this API."""
        try:
            told = _DECODER.decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as e:
            raise ValueError(f"no message of VTube Studio: {e}") from None
        if told.apiName != API:
            raise ValueError(f"no message of VTube Studio, but of {told.apiName[:40]!r}")
        return cls(told.messageType, told.data or {}, told.requestID)

    def __bytes__(self) -> bytes:
        return msgspec.json.encode(_Envelope(API, VERSION, self.id, self.kind, dict(self.data)))

    def answer(self) -> Mapping[str, Any]:
        """The data. Raises Refused when it is an error."""
        if self.kind != "APIError":
            return self.data
        number, text = self.data.get("errorID"), self.data.get("message")
        raise Refused(number if isinstance(number, int) else -1, str(text)[:200])


class _Envelope(msgspec.Struct):
    apiName: str
    apiVersion: str
    requestID: str
    messageType: str
    data: dict[str, Any] | None = None


class _Heard(msgspec.Struct):
    """What is needed of an envelope; whatever else is there is passed over, as the sheet asks."""

    apiName: str
    messageType: str
    requestID: str = ""
    data: dict[str, Any] | None = None


_DECODER = msgspec.json.Decoder(_Heard)


# --- requests --------------------------------------------------------------------------------------------------------


def ask_for_token() -> Message:
    return Message("AuthenticationTokenRequest", PLUGIN)


def authentication(token: str) -> Message:
    return Message("AuthenticationRequest", PLUGIN | {"authenticationToken": token})


def parameter_list() -> Message:
    return Message("InputParameterListRequest")


def parameter_names(data: Mapping[str, Any]) -> set[str]:
    """Of the answer to parameter_list. Raises ValueError."""
    try:
        return {str(p["name"]) for kind in ("defaultParameters", "customParameters") for p in data[kind]}
    except (KeyError, TypeError) as e:
        raise ValueError(f"no list of parameters: {e!r}") from None


def creation(shape: str) -> Message:
    """Of the custom parameter for an ARKit shape."""
    told = {"parameterName": CUSTOM[shape], "explanation": f"ARKit's {shape}, 0 to 1", "min": 0, "max": 1}
    return Message("ParameterCreationRequest", told | {"defaultValue": 0})


def injection(state: AvatarState, names: Set[str]) -> Message:
    """Of a state's parameters, those that the app knows and lets us set."""
    told = [{"id": name, "value": value} for name, value in parameters(state).items() if name in names]
    data = {"faceFound": state.tracking != "lost", "mode": "set", "parameterValues": told}
    return Message("InjectParameterDataRequest", data)


def broadcast_port(datagram: bytes) -> int | None:
    """Where the app that sent this broadcast listens; None while its API is switched off. Raises ValueError."""
    told = Message.parse(datagram)
    port = told.data.get("port")
    if told.kind != "VTubeStudioAPIStateBroadcast" or type(port) is not int or not 0 < port < 65536:
        raise ValueError("no broadcast of VTube Studio")
    return port if told.data.get("active") is True else None


# --- a state ---------------------------------------------------------------------------------------------------------


def parameters(state: AvatarState) -> dict[str, float]:
    """The app's own tracking parameters, and ours.

    Raises:
        ValueError: a number is not finite.
    """
    values = {**_head(state), **_eyes(state), **_mouth_and_brows(state)}
    values |= {CUSTOM[name]: weight for name, weight in state.blendshapes.items() if name in CUSTOM}
    if not math.isfinite(sum(values.values())):
        raise ValueError(f"state of person {state.person} at {state.timestamp} holds a number that is not finite")
    # Adding 0 makes a 0 of -0.
    return dict(zip(values, (np.array([*values.values()]).round(4) + 0.0).tolist(), strict=True))


def _head(state: AvatarState) -> dict[str, float]:
    x, y, z = rotation.to_vtube_studio(state.head_rotation)
    left, up, near = state.head_position
    return {
        "FacePositionX": 100 * left,  # metres -> centimetres
        "FacePositionY": 100 * up,
        "FacePositionZ": -100 * near,
        "FaceAngleX": x,
        "FaceAngleY": y,
        "FaceAngleZ": z,
    }


def _eyes(state: AvatarState) -> dict[str, float]:
    values = {}
    for bone, x, y, open_, blink, wide in _EYES:
        left, up, _ = rotation.to_vtube_studio(state.bones.get(bone, NO_TURN))
        values[x] = _within(-left / LOOK_YAW_DEG, -1.0, 1.0)
        values[y] = _within(up / LOOK_PITCH_DEG, -1.0, 1.0)
        shut, widened = state.blendshapes.get(blink, 0.0), state.blendshapes.get(wide, 0.0)
        values[open_] = _within(EYE_AT_REST * (1 - shut) + (1 - EYE_AT_REST) * widened, 0.0, 1.0)
    return values


_EYES = [
    (f"{s.lower()}Eye", f"Eye{s}X", f"Eye{s}Y", f"EyeOpen{s}", f"eyeBlink{s}", f"eyeWide{s}") for s in ("Left", "Right")
]


def _mouth_and_brows(state: AvatarState) -> dict[str, float]:
    def w(name: str) -> float:
        return state.blendshapes.get(name, 0.0)

    opening = _within((w("jawOpen") - w("mouthClose")) / FULL_JAW, 0.0, 1.0)
    smile = (w("mouthSmileLeft") + w("mouthSmileRight") - w("mouthFrownLeft") - w("mouthFrownRight")) / 2
    inner = w("browInnerUp")
    left = 0.5 + (max(w("browOuterUpLeft"), inner) - w("browDownLeft")) / 2
    right = 0.5 + (max(w("browOuterUpRight"), inner) - w("browDownRight")) / 2
    return {
        "BrowLeftY": left,
        "BrowRightY": right,
        "Brows": (left + right) / 2,
        "FaceAngry": state.expressions.get("angry", 0.0),
        "CheekPuff": w("cheekPuff"),
        "TongueOut": w("tongueOut"),
        "MouthOpen": opening,
        "VoiceVolumePlusMouthOpen": opening,
        "MouthSmile": 0.5 + smile / 2,
        "VoiceFrequencyPlusMouthSmile": 0.5 + smile / 2,
        "MouthX": w("mouthLeft") - w("mouthRight"),
    }


def _within(x: float, low: float, high: float) -> float:
    return max(low, min(high, x))
