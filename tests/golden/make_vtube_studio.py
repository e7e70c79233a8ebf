"""Writes vtube_studio.jsonl: the plug-in's messages, the last one for a turned head with a left wink.

    python tests/golden/make_vtube_studio.py

After the examples of the API's page; the values are worked out here, not by the code that is tested.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MESSAGES = Path(__file__).with_name("vtube_studio.jsonl")
PLUGIN = {"pluginName": "VTuber driver", "pluginDeveloper": "VTuber driver"}
VALUES = {
    "FacePositionX": 3.0, "FacePositionY": -2.0, "FacePositionZ": -5.0,
    "FaceAngleX": 20.0, "FaceAngleY": 10.0, "FaceAngleZ": 5.0,
    "EyeLeftX": -15 / 30, "EyeLeftY": -10 / 25,
    "EyeRightX": -15 / 30, "EyeRightY": -10 / 25, "EyeOpenRight": 0.5,
    "BrowLeftY": 0.5, "BrowRightY": 0.5, "Brows": 0.5,
    "MouthOpen": 0.35 / 0.7, "VoiceVolumePlusMouthOpen": 0.35 / 0.7,
    "MouthSmile": 0.5 + 0.25 / 2, "VoiceFrequencyPlusMouthSmile": 0.5 + 0.25 / 2, "MouthX": 0.25,
    "ARKitEyeBlinkLeft": 1.0, "ARKitJawOpen": 0.35, "ARKitMouthLeft": 0.25, "ARKitMouthSmileLeft": 0.5,
}  # fmt: skip


def message(id: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiName": "VTubeStudioPublicAPI",
        "apiVersion": "1.0",
        "requestID": str(id),
        "messageType": kind,
        "data": data,
    }


def main() -> None:
    jaw = {"parameterName": "ARKitJawOpen", "explanation": "ARKit's jawOpen, 0 to 1", "min": 0, "max": 1}
    values = [{"id": name, "value": round(value, 4)} for name, value in VALUES.items()]
    messages = [
        message(1, "AuthenticationTokenRequest", PLUGIN),
        message(2, "AuthenticationRequest", PLUGIN | {"authenticationToken": "t" * 64}),
        message(3, "InputParameterListRequest", {}),
        message(4, "ParameterCreationRequest", jaw | {"defaultValue": 0}),
        message(5, "InjectParameterDataRequest", {"faceFound": True, "mode": "set", "parameterValues": values}),
    ]
    text = "".join(json.dumps(m, separators=(",", ":")) + "\n" for m in messages)
    MESSAGES.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
