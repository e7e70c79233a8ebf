"""A stand-in for VTube Studio, after the rules of its API page and of nothing else: DenchiSoft/VTubeStudio, README and
Files/ErrorID.cs. A WebSocket server by the `websockets` package, on a thread of its own."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

DEFAULTS = {
    "FacePositionX": (-15, 15), "FacePositionY": (-15, 15), "FacePositionZ": (-10, 10),
    "FaceAngleX": (-30, 30), "FaceAngleY": (-30, 30), "FaceAngleZ": (-90, 90),
    "MouthSmile": (0, 1), "MouthOpen": (0, 1), "Brows": (0, 1), "BrowLeftY": (0, 1), "BrowRightY": (0, 1),
    "TongueOut": (0, 1), "CheekPuff": (0, 1), "FaceAngry": (0, 1), "EyeOpenLeft": (0, 1), "EyeOpenRight": (0, 1),
    "EyeLeftX": (-1, 1), "EyeLeftY": (-1, 1), "EyeRightX": (-1, 1), "EyeRightY": (-1, 1), "MouthX": (-1, 1),
    "MousePositionX": (-1, 1), "VoiceVolumePlusMouthOpen": (0, 1), "VoiceFrequencyPlusMouthSmile": (0, 1),
}  # fmt: skip


class Refusal(Exception):
    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number


class Studio:
    """Settings of the user: `allow` what the window is answered with, `on` whether the API is on.

    `injected`: the data of every injection that counted, and when; `asked`: the kinds of all requests.
    """

    def __init__(self, port: int = 0, *, allow: bool = True, on: bool = True) -> None:
        self.allow, self.on = allow, on
        self.tokens: set[str] = set()
        self.custom: dict[str, dict[str, Any]] = {}
        self.taken: set[str] = set()
        """Parameters that another plug-in has in hand."""
        self.injected: list[tuple[float, dict[str, Any]]] = []
        self.errors: list[int] = []
        self.asked: list[str] = []
        self.delay = 0.0
        self._lock = threading.Lock()
        self._connections: set[ServerConnection] = set()
        self._server: Server = serve(self._serve, "127.0.0.1", port)
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        for connection in list(self._connections):
            connection.close()
        self._thread.join(10)

    @property
    def values(self) -> dict[str, float]:
        """What the parameters are now: those that were not sent within the last second are let go."""
        now, held = time.monotonic(), {}
        for t, data in self.injected:
            if now - t <= 1.0:
                held.update({p["id"]: p["value"] for p in data["parameterValues"]})
        return held

    def _serve(self, connection: ServerConnection) -> None:
        session: dict[str, Any] = {"plugin": None}
        self._connections.add(connection)
        try:
            for text in connection:
                time.sleep(self.delay)
                with self._lock:
                    answer = self._answered(text, session)
                connection.send(json.dumps(answer))
        except ConnectionClosed:
            pass
        finally:
            self._connections.discard(connection)

    def _answered(self, text: str | bytes, session: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = {}
        try:
            try:
                told = json.loads(text)
            except ValueError:
                raise Refusal(2, "JSON invalid") from None
            kind, data = self._checked(told)
            data = self._done(kind, told.get("data") or {}, session)
            kind = kind.replace("Request", "Response")
        except Refusal as e:
            self.errors.append(e.number)
            kind, data = "APIError", {"errorID": e.number, "message": str(e)}
        envelope = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "timestamp": int(time.time() * 1000)}
        return envelope | {"messageType": kind, "requestID": told.get("requestID") or "none", "data": data}

    def _checked(self, told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if told.get("apiName") != "VTubeStudioPublicAPI":
            raise Refusal(3, "API name invalid")
        if told.get("apiVersion") != "1.0":
            raise Refusal(4, "API version invalid")
        id = told.get("requestID", "x")
        if not (isinstance(id, str) and id.isascii() and 1 <= len(id) <= 64):
            raise Refusal(5, "request ID invalid")
        kind = told.get("messageType")
        if not kind:
            raise Refusal(6, "request type missing")
        self.asked.append(kind)
        if not self.on:
            raise Refusal(1, "API access deactivated")
        return kind, {}

    def _done(self, kind: str, data: dict[str, Any], session: dict[str, Any]) -> dict[str, Any]:
        if kind == "APIStateRequest":
            return {
                "active": True,
                "vTubeStudioVersion": "1.9.0",
                "currentSessionAuthenticated": bool(session["plugin"]),
            }
        if kind == "AuthenticationTokenRequest":
            return self._token(data)
        if kind == "AuthenticationRequest":
            good = data.get("authenticationToken") in self.tokens
            session["plugin"] = (data["pluginName"], data["authenticationToken"]) if good else None
            return {"authenticated": good, "reason": "Token valid." if good else "Token invalid or revoked."}
        if session["plugin"] is None:
            raise Refusal(8, "authentication is required")
        if session["plugin"][1] not in self.tokens:
            raise Refusal(50, "access was revoked")
        if kind == "InputParameterListRequest":
            return self._list()
        if kind == "ParameterCreationRequest":
            return self._create(data, session["plugin"][0])
        if kind == "InjectParameterDataRequest":
            return self._inject(data)
        raise Refusal(7, "request type unknown")

    def _token(self, data: dict[str, Any]) -> dict[str, Any]:
        for number, field in ((52, "pluginName"), (53, "pluginDeveloper")):
            if not 3 <= len(data.get(field, "")) <= 32:
                raise Refusal(number, f"{field} invalid")
        if not self.allow:
            raise Refusal(50, "User has denied API access for your plugin.")
        token = secrets.token_hex(32)
        self.tokens.add(token)
        return {"authenticationToken": token}

    def _list(self) -> dict[str, Any]:
        rest = {"value": 0.0, "defaultValue": 0.0}
        defaults = [{"name": n, "addedBy": "VTube Studio", "min": a, "max": b} | rest for n, (a, b) in DEFAULTS.items()]
        custom = [{"name": n} | told | rest for n, told in self.custom.items()]
        model = {"modelLoaded": True, "modelName": "Akari", "modelID": "1"}
        return model | {"defaultParameters": defaults, "customParameters": custom}

    def _create(self, data: dict[str, Any], plugin: str) -> dict[str, Any]:
        name = data.get("parameterName", "")
        if not re.fullmatch(r"[A-Za-z0-9]{4,32}", name):
            raise Refusal(350, "parameter name invalid")
        if not all(isinstance(data.get(f), int | float) for f in ("min", "max", "defaultValue")):
            raise Refusal(351, "values invalid")
        if len(data.get("explanation", "")) >= 256:
            raise Refusal(353, "explanation too long")
        if name in DEFAULTS:
            raise Refusal(354, "name of a default parameter")
        if self.custom.get(name, {}).get("addedBy", plugin) != plugin:
            raise Refusal(352, "created by another plugin")
        if sum(p["addedBy"] == plugin for p in self.custom.values()) >= 100:
            raise Refusal(355, "too many parameters of one plugin")
        self.custom[name] = {"addedBy": plugin, "min": data["min"], "max": data["max"]}
        return {"parameterName": name}

    def _inject(self, data: dict[str, Any]) -> dict[str, Any]:
        told = data.get("parameterValues")
        if not told:
            raise Refusal(450, "no data provided")
        if data.get("mode", "set") not in ("set", "add"):
            raise Refusal(455, "mode unknown")
        for p in told:
            if not (isinstance(p.get("value"), int | float) and abs(p["value"]) <= 1e6):
                raise Refusal(451, "value invalid")
            if not 0 <= p.get("weight", 1) <= 1:
                raise Refusal(452, "weight invalid")
            if p["id"] not in DEFAULTS and p["id"] not in self.custom:
                raise Refusal(453, "a parameter does not exist")
            if p["id"] in self.taken and data.get("mode", "set") == "set":
                raise Refusal(454, "a parameter is controlled by another plugin")
        self.injected.append((time.monotonic(), data))
        return {}
