"""VTube Studio: its messages byte by byte, its parameters, and a server by another library that keeps to its rules."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from apps import PITCH, TILT, YAW, demo, numbered, turned
from hypothesis import given
from hypothesis import strategies as st
from server_clients import wait_for
from vtube_studio_app import DEFAULTS, Refusal, Studio

from vtuber import permissions
from vtuber.outputs.vtube_studio import APP, Output
from vtuber.protocols import vtube_studio as api
from vtuber.protocols.vtube_studio import CUSTOM, Message
from vtuber.wire import ARKIT, AvatarState

WORDS = ("messageType", "requestID", "data", "defaultParameters", "customParameters", "name", "port", "errorID")
GOLDEN = Path(__file__).with_name("golden") / "vtube_studio.jsonl"


# --- the bytes -------------------------------------------------------------------------------------------------------


def test_messages_are_the_golden_bytes_and_read_back_are_the_same() -> None:
    state = turned()
    values = {name: value for name, value in api.parameters(state).items() if value}
    sent = [
        replace(api.ask_for_token(), id="1"),
        replace(api.authentication("t" * 64), id="2"),
        replace(api.parameter_list(), id="3"),
        replace(api.creation("jawOpen"), id="4"),
        replace(api.injection(state, values.keys()), id="5"),
    ]
    golden = GOLDEN.read_bytes().splitlines()
    assert [bytes(m) for m in sent] == golden
    assert [bytes(Message.parse(line)) for line in golden] == golden


@pytest.mark.parametrize(
    "text",
    [
        "", "\udcff", "[]", "{}", '{"apiName":"VTubeStudioPublicAPI"}', '{"apiName":"Other","messageType":"x"}',
        '{"apiName":"VTubeStudioPublicAPI","messageType":"x","data":' + "[" * 5000 + "]" * 5000 + "}",
        '{"apiName":"VTubeStudioPublicAPI","messageType":"x","data":{"a":NaN}}',
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no message of VTube Studio"):
        Message.parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=8,
)
"""Whatever an app may answer, under names that mean something here."""


@given(st.text(max_size=99) | st.fixed_dictionaries({"apiName": st.just(api.API)}, optional=dict.fromkeys(WORDS, JSON)))
def test_an_answer_of_whatever_kind_does_no_harm(told: Any) -> None:
    text = told if isinstance(told, str) else json.dumps(told)
    with contextlib.suppress(ValueError, api.Refused):
        message = Message.parse(text)
        with contextlib.suppress(ValueError):
            assert all(isinstance(name, str) for name in api.parameter_names(message.data))
        with contextlib.suppress(ValueError):
            assert (api.broadcast_port(text.encode("utf-8", "surrogatepass")) or 1) in range(1, 65536)
        message.answer()


def test_an_error_is_raised_with_its_number() -> None:
    with pytest.raises(api.Refused, match=r"not there \(error 453\)") as caught:
        Message("APIError", {"errorID": 453, "message": "not there"}).answer()
    assert caught.value.number == api.UNKNOWN
    with pytest.raises(api.Refused):
        Message("APIError", {"errorID": "many", "message": None}).answer()


# --- parameters ------------------------------------------------------------------------------------------------------


def test_names_signs_and_units() -> None:
    told = api.parameters(turned())
    # Live2D's standard list: + is to the right of the screen, which is the avatar's own left; up; tilted the same way.
    assert (told["FaceAngleX"], told["FaceAngleY"], told["FaceAngleZ"]) == (20, 10, 5)
    assert (told["FacePositionX"], told["FacePositionY"], told["FacePositionZ"]) == (3, -2, -5), "cm"
    assert told["EyeOpenLeft"] == 0 and told["EyeOpenRight"] == 0.5, "a left wink"
    assert (told["EyeLeftX"], told["EyeRightX"], told["EyeLeftY"]) == (-0.5, -0.5, -0.4), (
        "left counts down, up counts up"
    )
    assert told["MouthOpen"] == 0.5 and told["MouthSmile"] == 0.625 and told["MouthX"] == 0.25
    assert told["ARKitEyeBlinkLeft"] == 1 and told["ARKitJawOpen"] == 0.35
    assert {f"ARKit{n[0].upper()}{n[1:]}" for n in ARKIT} == set(CUSTOM.values()) <= set(told)


def test_the_apps_own_parameters_are_known_to_it_and_in_their_ranges() -> None:
    for state in (turned(), *demo()):
        for name, value in api.parameters(state).items():
            low, high = (0, 1) if name in CUSTOM.values() else DEFAULTS[name]
            assert low <= value <= high, name


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        api.parameters(replace(turned(), head_position=(float("nan"), 0.0, 0.0)))


# --- the app ---------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "path", lambda app: tmp_path / "data" / f"{app}.json")
    monkeypatch.setattr("vtuber.connection.PAUSES_S", (0.05,))


@pytest.fixture
def studio() -> Iterator[Studio]:
    made = Studio()
    yield made
    made.close()


class Running:
    """An output that is fed with the same state until the test is over."""

    def __init__(self, argument: str, state: AvatarState | None = None, **settings: Any) -> None:
        self.state = state or turned()
        self.output = Output(argument, **settings)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def _feed(self) -> None:
        while not self._over.wait(0.02):
            self.output.send(self.state)

    def pause(self) -> None:
        self._over.set()
        self._thread.join()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()
        self.output.close()
        self.output.close()


def to(studio: Studio) -> str:
    return f"127.0.0.1:{studio.port}"


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.message for r in caplog.records if r.name.startswith("vtuber")]


def test_it_asks_once_creates_its_parameters_and_feeds_them(studio: Studio) -> None:
    with Running(to(studio)):
        wait_for(lambda: studio.injected)
        _, data = studio.injected[-1]
        assert data["faceFound"] is True and data.get("mode", "set") == "set"
        told = {p["id"]: p["value"] for p in data["parameterValues"]}
        assert told == api.parameters(turned())
        assert (told["FaceAngleX"], told["FaceAngleY"], told["FaceAngleZ"]) == (YAW, PITCH, TILT), "left, up, left"
        assert (told["EyeOpenLeft"], told["EyeOpenRight"], told["ARKitEyeBlinkLeft"]) == (0.0, 0.5, 1.0), "a left wink"
    assert set(studio.custom) == set(CUSTOM.values()) and studio.errors == []
    with Running(to(studio)):
        wait_for(lambda: studio.asked.count("AuthenticationRequest") == 2 and studio.injected)
    assert studio.asked.count("AuthenticationTokenRequest") == 1, "the permission is kept"
    assert studio.asked.count("ParameterCreationRequest") == len(ARKIT), "and the parameters are there already"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the user's folder to the user by itself")
def test_the_permission_is_for_this_user_alone(studio: Studio) -> None:
    with Running(to(studio)):
        wait_for(lambda: studio.injected)
    assert stat.S_IMODE(permissions.path(APP).stat().st_mode) == 0o600
    assert permissions.given(APP) == {"127.0.0.1": next(iter(studio.tokens))}


def test_the_demo_performance_arrives_at_its_rate(studio: Studio) -> None:
    with Running(to(studio)) as running:
        wait_for(lambda: studio.injected)
        running.pause()
        studio.injected.clear()
        for state in demo():
            running.output.send(state)
            time.sleep(1 / 60)
        last = api.parameters(demo()[-1])
        wait_for(lambda: studio.injected and studio.values == last)
    expected = [api.parameters(s) for s in demo()]
    heard = [{p["id"]: p["value"] for p in data["parameterValues"]} for _, data in studio.injected]
    distinct = [v for i, v in enumerate(heard) if v in expected and v not in heard[:i]]
    assert len(distinct) > 0.8 * len({json.dumps(e) for e in expected})
    assert [data["faceFound"] for _, data in studio.injected].count(False) == sum(
        s.tracking == "lost" for s in demo() if api.parameters(s) in heard
    )


def test_nothing_new_is_said_again_within_the_second(studio: Studio) -> None:
    with Running(to(studio)) as running:
        wait_for(lambda: studio.injected)
        running.pause()
        time.sleep(0.1)
        count = len(studio.injected)
        wait_for(lambda: len(studio.injected) >= count + 3)
        times = [t for t, _ in studio.injected[count - 1 :]]
        assert studio.values == api.parameters(turned()), "still held"
    assert max(b - a for a, b in zip(times, times[1:], strict=False)) > 0.2, "not more often than it needs"


def test_a_lost_face_is_said_to_be_lost(studio: Studio) -> None:
    with Running(to(studio), turned("lost")):
        wait_for(lambda: studio.injected)
        assert studio.injected[-1][1]["faceFound"] is False


def test_another_plug_ins_parameter_does_not_fail_the_rest(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    studio.taken = {"FaceAngleX", "MouthOpen"}
    with Running(to(studio)) as running:
        wait_for(lambda: len(studio.values) == len(api.parameters(turned())) - 2)
        running.state = numbered(123)
        wait_for(lambda: studio.values.get("ARKitJawOpen") == 0.123)
        assert not studio.taken & set(studio.values)
    said = [m for m in warnings(caplog) if "without" in m]
    assert len(said) == 1 and "FaceAngleX, MouthOpen" in said[0] and "controlled by another" in said[0]
    assert set(studio.errors) == {454}


def test_it_is_taken_in_hand_again_when_the_other_lets_go(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vtuber.outputs.vtube_studio.RETRY_S", 0.2)
    studio.taken = {"FaceAngleX"}
    with Running(to(studio)):
        wait_for(lambda: studio.values and 454 in studio.errors)
        studio.taken = set()
        wait_for(lambda: studio.values.get("FaceAngleX") == 20)


def test_a_parameter_that_was_deleted_does_not_fail_the_rest(studio: Studio) -> None:
    with Running(to(studio)) as running:
        wait_for(lambda: studio.injected)
        del studio.custom["ARKitTongueOut"]
        running.state = numbered(321)
        wait_for(lambda: studio.values.get("ARKitJawOpen") == 0.321)
    assert set(studio.errors) == {453}


def test_parameters_that_cannot_be_created_are_left_out(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    taken = {"addedBy": "Another", "min": 0, "max": 1}
    studio.custom = {f"Old{i:04}": dict(taken, addedBy="VTuber driver") for i in range(90)}
    with Running(to(studio)):
        wait_for(lambda: studio.injected)
    assert studio.errors == [355] * 42 and len(studio.injected[-1][1]["parameterValues"]) == 23 + 10
    assert len([m for m in warnings(caplog) if "42 parameters were not created" in m]) == 1


def test_without_our_own_parameters(studio: Studio) -> None:
    with Running(to(studio), custom=False):
        wait_for(lambda: studio.injected)
    assert not studio.custom and {p["id"] for p in studio.injected[-1][1]["parameterValues"]} <= set(DEFAULTS)


def test_a_denial_is_taken_for_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    studio = Studio(allow=False)
    with Running(to(studio)):
        wait_for(lambda: "denied" in caplog.text)
        time.sleep(0.3)
    assert studio.asked == ["AuthenticationTokenRequest"] and studio.errors == [50]
    assert "start this program again" in caplog.text and not permissions.path(APP).exists()
    studio.close()


def test_a_permission_that_was_revoked_is_asked_for_again(studio: Studio) -> None:
    with Running(to(studio)):
        wait_for(lambda: studio.injected)
        studio.tokens.clear()
        studio.injected.clear()
        wait_for(lambda: studio.injected)
    assert 50 in studio.errors and studio.asked.count("AuthenticationTokenRequest") == 2


def test_a_session_that_is_not_known_any_more_is_begun_anew(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    with Running(to(studio)):
        wait_for(lambda: studio.injected)
        inject = studio._inject
        failures = [1]

        def forgetful(data: dict[str, Any]) -> dict[str, Any]:
            if failures:
                failures.pop()
                raise Refusal(8, "authentication is required")
            return inject(data)

        monkeypatch.setattr(studio, "_inject", forgetful)
        wait_for(lambda: not failures and studio.asked.count("AuthenticationRequest") == 2)
        studio.injected.clear()
        wait_for(lambda: studio.injected)
    assert studio.asked.count("AuthenticationTokenRequest") == 1


def test_an_api_that_is_off_is_said_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    studio = Studio(on=False)
    with Running(to(studio)):
        wait_for(lambda: studio.errors.count(1) >= 3)
        assert len(warnings(caplog)) == 2 and "API is off" in warnings(caplog)[1]
        studio.on = True
        wait_for(lambda: studio.injected)
    studio.close()


def test_absent_restarted_and_slow(caplog: pytest.LogCaptureFixture) -> None:
    first = Studio()
    port, tokens = first.port, first.tokens
    first.close()
    with Running(f"127.0.0.1:{port}") as running:
        time.sleep(0.5)
        assert len(warnings(caplog)) == 1 and "trying again" in warnings(caplog)[0], "one line for a dead one"
        for delay in (0.0, 0.01):
            studio = Studio(port)
            studio.tokens, studio.delay = tokens, delay
            wait_for(lambda studio=studio: studio.injected)
            running.state = numbered(round(500 + delay * 1000))
            wait_for(lambda studio=studio, state=running.state: studio.values == api.parameters(state))
            studio.close()


@pytest.mark.parametrize("answer, said", [(b"", "no answer"), (b"HTTP/1.1 404 No\r\n\r\n", "is no VTube Studio")])
def test_something_else_on_its_port(
    answer: bytes, said: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vtuber.web_socket.ANSWER_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as other, Running(f"127.0.0.1:{other.getsockname()[1]}"):
        connection, _ = other.accept()
        with connection:
            connection.sendall(answer)
            wait_for(lambda: said in caplog.text)
    assert len(caplog.messages) == 1


def test_an_app_that_stops_answering_is_left_and_tried_again(
    studio: Studio, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vtuber.vtube_studio.ANSWER_S", 0.2)
    with Running(to(studio)) as running:
        wait_for(lambda: studio.injected)
        studio.delay = 0.5
        wait_for(lambda: "no answer" in caplog.text)
        studio.delay = 0.0
        running.state = numbered(777)
        wait_for(lambda: studio.values.get("ARKitJawOpen") == 0.777)


def test_it_is_found_by_its_broadcast(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("", 0))
        monkeypatch.setattr(api, "DISCOVERY_PORT", free.getsockname()[1])
        monkeypatch.setattr(api, "PORT", nobody.getsockname()[1])
    told = {
        "apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "timestamp": 1630159656406,
        "messageType": "VTubeStudioAPIStateBroadcast", "requestID": "VTubeStudioAPIStateBroadcast",
        "data": {"active": True, "port": studio.port, "instanceID": "93aa0d", "windowTitle": "VTube Studio"},
    }  # fmt: skip
    with Running(""), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as app:

        def broadcast() -> bool:
            app.sendto(b"rubbish", ("127.0.0.1", api.DISCOVERY_PORT))
            app.sendto(json.dumps(told).encode(), ("127.0.0.1", api.DISCOVERY_PORT))
            time.sleep(0.05)
            return bool(studio.injected)

        wait_for(broadcast)


def test_a_broadcast_that_says_that_the_api_is_off() -> None:
    told = {"port": 8001, "active": False}
    message = bytes(Message("VTubeStudioAPIStateBroadcast", told, "x"))
    assert api.broadcast_port(message) is None
    for bad in ({"active": True}, {"active": True, "port": "8001"}, {"active": True, "port": 99999}):
        with pytest.raises(ValueError, match="no broadcast"):
            api.broadcast_port(bytes(Message("VTubeStudioAPIStateBroadcast", bad, "x")))


def test_a_broken_file_of_permissions_is_none(tmp_path: Path) -> None:
    path = permissions.path(APP)
    path.parent.mkdir(parents=True)
    for text in ("", "[]", "{", '"x"'):
        path.write_text(text, encoding="utf-8")
        assert permissions.given(APP) == {}
    permissions.keep(APP, "a", "1")
    permissions.keep(APP, "b", "2")
    assert permissions.given(APP) == {"a": "1", "b": "2"}
