"""The viewer's page in a real browser, as a test sees it: pictures, `window.vtuber`, and what it must not do."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import cv2
import numpy as np
import numpy.typing as npt
from playwright.sync_api import ConsoleMessage, Page

Picture = npt.NDArray[np.uint8]
"""(H, W, 3) RGB, or (H, W, 4) RGBA with straight alpha."""

PATIENCE_MS = 60_000
"""After which a test stops waiting for what should come: a guard against hanging, no measure."""
OWN_SCHEMES = ("blob", "data")

DROP = """
([name, data]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name));
  return transfer;
}
"""
RECORD = """
() => {
  const rows = (window.recorded = []);
  const look = () => {
    requestAnimationFrame(look);
    const state = vtuber.state();
    const head = vtuber.boneWorld('head');
    if (!state || !head) return;
    const [left, right] = ['eyeBlinkLeft', 'eyeBlinkRight'].map((name) => vtuber.weight(name));
    const time = performance.now() / 1000;
    rows.push({ time, t: state.t, tracking: state.tracking, forward: head.forward, up: head.up, left, right });
  };
  look();
}
"""


class Viewer:
    """One open page. Errors and foreign requests are collected; `check` fails on any.

    script: what is run in the page before its own scripts.
    drawn: whether the page draws by itself, or just when a picture is taken (browser.UNDRAWN).
    """

    def __init__(self, page: Page, address: str, script: str = "", *, drawn: bool = True) -> None:
        self.page = page
        self._drawn = drawn
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self._host = urlsplit(address).netloc
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._requested(request.url))
        page.on("websocket", lambda socket: self._requested(socket.url))
        if script:
            page.add_init_script(script)
        page.goto(address)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _requested(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in OWN_SCHEMES and parts.netloc != self._host:
            self.foreign.append(url)

    def check(self, *, unplugged: bool = False) -> None:
        """No error on the console, no exception, no request to elsewhere.

        unplugged: the server was away on purpose, which browsers report as an error for each request that fails.
        """
        errors = [e for e in self.errors if not (unplugged and ("ERR_CONNECTION" in e or "WebSocket connection" in e))]
        assert errors == []
        assert self.foreign == []

    # --- window.vtuber -----------------------------------------------------------------------------------------------

    def ask(self, expression: str, argument: Any = None) -> Any:
        return self.page.evaluate(expression, argument)

    def until(self, condition: str, argument: Any = None) -> None:
        """Wait until the JavaScript condition holds."""
        self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE_MS)

    def ready(self) -> Viewer:
        """Wait for the first avatar."""
        self.ask("vtuber.ready")
        return self

    def bone(self, name: str) -> npt.NDArray[np.float64] | None:
        """(4,) local rotation, VRM 1.0 axes."""
        found = self.ask("name => vtuber.bone(name)", name)
        return None if found is None else np.array(found)

    def world(self, name: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Forward and up (3,) of the avatar's own bone in the scene: x to its left, y up, z to the viewer."""
        found = self.ask("name => vtuber.boneWorld(name)", name)
        return np.array(found["forward"]), np.array(found["up"])

    def weight(self, name: str) -> float | None:
        return cast("float | None", self.ask("name => vtuber.weight(name)", name))

    def avatar(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.ask("vtuber.avatar()"))

    def message(self) -> str:
        return cast(str, self.ask("vtuber.message()"))

    def received(self) -> int:
        return cast(int, self.ask("vtuber.stats().received"))

    # --- from one picture to the next --------------------------------------------------------------------------------

    def record(self) -> None:
        """From now on, note what each rendered frame shows."""
        self.ask(RECORD)

    def recorded(self) -> list[dict[str, Any]]:
        """One row a frame: page time, the newest state's t and tracking, the head's forward and up, both lids."""
        return cast("list[dict[str, Any]]", self.ask("recorded"))

    # --- pictures ----------------------------------------------------------------------------------------------------

    def picture(self) -> Picture:
        """(H, W, 3) RGB as a person sees the page."""
        self._draw()
        return _decode(self.page.screenshot())[..., :3]

    def cutout(self) -> Picture:
        """(H, W, 4) RGBA as OBS takes the page: without the browser's own white ground."""
        self._draw()
        return _decode(self.page.screenshot(omit_background=True))

    def _draw(self) -> None:
        if not self._drawn:
            self.ask("() => { undrawn = false; vtuber.draw(); undrawn = true; }")

    # --- files -------------------------------------------------------------------------------------------------------

    def drop(self, name: str, content: bytes, x: int = 0) -> None:
        """A file dropped on the page, so many pixels from its left."""
        transfer = self.page.evaluate_handle(DROP, [name, base64.b64encode(content).decode()])
        self.page.dispatch_event("body", "drop", {"dataTransfer": transfer, "clientX": x})

    def replaced_by(self, change: Callable[[], None]) -> dict[str, Any]:
        """Do something that shows another avatar, wait for it, and say which it is."""
        old = self.avatar()["url"]
        change()
        self.until("old => vtuber.avatar().url !== old", old)
        return self.avatar()


def _decode(png: bytes) -> Picture:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert image is not None
    code = cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return cast(Picture, cv2.cvtColor(image, code))
