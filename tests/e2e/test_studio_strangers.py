"""Who is not let in: pages of another origin, a name that is made to point here, other machines without the token."""

from __future__ import annotations

import base64
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from server_clients import get
from test_library import glb

from vtuber.server.access import is_loopback
from vtuber.server.app import lan_address

from .browser import FLAGS, chromium_of, lacking
from .driver import Driver
from .ear import Ear
from .studio_page import PATIENCE_MS, drivers, put, without_stage

ATTACK = """
async ([host, avatar, program]) => {
  const body = Uint8Array.from(atob(avatar), (c) => c.charCodeAt(0));
  const whole = async (answer) => { if (!answer.ok || !(await answer.text())) throw new Error('nothing'); };
  const timed = (work) => new Promise((resolve, reject) => { work(resolve, reject); setTimeout(reject, 8000); });
  const tag = (name, address) => timed((resolve, reject) => {
    const element = document.createElement(name);
    element.onload = () => resolve(element); element.onerror = reject; element.src = address;
    document.documentElement.append(element);
  });
  const poll = `http://${host}/socket.io/?EIO=4&transport=polling`;
  const ways = {
    fetch: () => fetch(`http://${host}/library.json`).then(whole),
    blind: async () => {
      const answer = await fetch(`http://${host}/library.json`, { mode: 'no-cors' });
      if (answer.type !== 'opaque') await whole(answer);
    },
    xhr: () => timed((resolve, reject) => {
      const asked = new XMLHttpRequest();
      asked.onload = () => (asked.status === 200 && asked.responseText ? resolve() : reject()); asked.onerror = reject;
      asked.open('GET', `http://${host}/avatars/default.vrm`); asked.send();
    }),
    polling: async () => {
      const { sid } = JSON.parse((await (await fetch(poll)).text()).slice(1));
      await whole(await fetch(`${poll}&sid=${sid}`, { method: 'POST', body: '40' }));
      for (;;) {
        const told = await (await fetch(`${poll}&sid=${sid}`)).text();
        if (told.includes('"hello"')) return;
        if (!told.startsWith('40')) throw new Error('refused');
      }
    },
    states: () => timed((resolve, reject) => {
      const socket = new WebSocket(`ws://${host}/socket.io/?EIO=4&transport=websocket`);
      socket.onerror = socket.onclose = reject;
      socket.onmessage = ({ data }) => {
        if (data[0] === '0') socket.send('40');
        else if (data.startsWith('44')) reject();
        else if (/^42\\d*\\["avatar"/.test(data)) { resolve(); socket.close(); }
      };
    }),
    preview: () => timed((resolve, reject) => {
      const socket = new WebSocket(`ws://${host}/socket.io/?EIO=4&transport=websocket`);
      socket.onerror = socket.onclose = reject;
      socket.onmessage = ({ data }) => {
        if (data instanceof Blob) { resolve(); socket.close(); }
        else if (data[0] === '0') socket.send('40');
        else if (data.startsWith('44')) reject();
        else if (data.startsWith('42["hello"')) socket.send('420["studio"]');
        else if (data.startsWith('430')) socket.send('421["preview","picture"]');
      };
    }),
    command: () => timed((resolve, reject) => {
      const socket = new WebSocket(`ws://${host}/socket.io/?EIO=4&transport=websocket`);
      socket.onerror = socket.onclose = reject;
      socket.onmessage = ({ data }) => {
        if (data[0] === '0') socket.send('40');
        else if (data.startsWith('44')) reject();
        else if (data.startsWith('42["hello"')) socket.send('420["studio"]');
        else if (data.startsWith('430')) {
          socket.send('421["do",{"do":"set","section":"pipeline","key":"mirror","value":true}]');
        } else if (data.startsWith('431[{"ok":true')) { resolve(); socket.close(); }
      };
    }),
    upload: () => fetch(`http://${host}/library/Evil.vrm`, { method: 'PUT', body }).then(whole),
    image: () => tag('img', `http://${host}/thumbnails/default`),
    script: () => tag('script', `http://${host}/${program}`),
    frame: async () => {
      const { contentDocument } = await tag('iframe', `http://${host}/studio`);
      if (!contentDocument?.getElementById('studio')) throw new Error('closed');
    },
    form: () => timed(async (resolve, reject) => {
      // No page can put by a form; what it can do must leave nothing behind, which the test looks at.
      const form = Object.assign(document.createElement('form'), {
        method: 'post', enctype: 'multipart/form-data', action: `http://${host}/library/Form.vrm`, target: 'hidden',
      });
      const hidden = Object.assign(document.createElement('iframe'), { name: 'hidden' });
      const file = Object.assign(document.createElement('input'), { type: 'file', name: 'file' });
      const transfer = new DataTransfer();
      transfer.items.add(new File([body], 'Form.vrm'));
      file.files = transfer.files;
      form.append(file); document.documentElement.append(hidden, form);
      hidden.onload = reject;
      form.submit();
      setTimeout(reject, 1000);
    }),
    beacon: async () => {
      navigator.sendBeacon(`http://${host}/library/Beacon.vrm`, body);
      await fetch(`http://${host}/library/Beacon.vrm`, { method: 'POST', mode: 'no-cors', body });
      throw new Error('not to be read');
    },
  };
  const told = {};
  for (const [name, way] of Object.entries(ways)) {
    told[name] = await way().then(() => 'in', () => 'out');
  }
  return told;
}
"""
EVERYTHING = {"fetch", "blind", "xhr", "polling", "states", "preview", "command", "upload", "image", "script", "frame"}
"""What the page's own scripts can do; form and beacon are no ways in for anybody."""
LENT = "192.0.2.77"
"""Of TEST-NET-1 (RFC 5737), which belongs to nobody; routes to TEST-NET-2 are what lan_address() asks for."""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def attack(page: Page, host: str) -> set[str]:
    """The ways by which the open page's scripts got at the program at `host`."""
    port = int(host.rpartition(":")[2])
    program = re.findall(r'src="\./(assets/[^"]+)"', get(port, "/studio")[2].decode())[0]
    told = page.evaluate(ATTACK, [host, base64.b64encode(glb()).decode(), program])
    return {way for way, came in told.items() if came == "in"}


@contextmanager
def elsewhere(address: str) -> Iterator[str]:
    """A page of somebody else's, on a port of its own of this computer; its address."""

    class Foreign(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b'<!doctype html><title>foreign</title><link rel="icon" href="data:,">')

        def log_message(self, *_: object) -> None:
            pass

    made = http.server.ThreadingHTTPServer((address, 0), Foreign)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield f"http://{address}:{made.server_port}/"
    finally:
        made.shutdown()
        made.server_close()


class Kept:
    """The files that a program keeps: they are the same in the end."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._before = self._now()

    def _now(self) -> dict[str, bytes]:
        files = sorted(path for path in self._home.rglob("*") if path.is_file())
        return {str(path.relative_to(self._home)): path.read_bytes() for path in files}

    def check(self) -> None:
        assert self._now() == self._before


@contextmanager
def program(home: Path, *arguments: str) -> Iterator[Driver]:
    (home / "vtuber.toml").write_text("[studio]\nvisited = true\n", encoding="utf-8")
    with drivers(home) as start:
        yield start("--source", "demo", *arguments)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    without_stage(context)
    yield context.new_page()
    context.close()


@pytest.fixture
def lan() -> Iterator[str]:
    """An address of this computer that is not loopback. Where it has none, one is lent to it if we may."""
    if not is_loopback(lan_address()):
        yield lan_address()
        return
    ip = shutil.which("ip")
    if sys.platform != "linux" or os.geteuid() != 0 or ip is None:
        lacking("this computer is in no network")
    lent = [f"addr add {LENT}/32 dev lo", f"route add 198.51.100.0/24 dev lo src {LENT}"]
    try:
        for line in lent:
            if subprocess.run([ip, *line.split()]).returncode != 0:
                pytest.skip("this computer is in no network, and may not be lent an address")
        yield lan_address()
    finally:
        for line in reversed(lent):
            subprocess.run([ip, *line.replace(" add ", " del ").split()])


def test_pages_of_another_origin_get_nothing(built: Path, page: Page, tmp_path: Path, lan: str) -> None:
    """Also not from another address of this very computer. What they try is what works for the studio's own page."""
    with program(tmp_path) as driver:
        port = urlsplit(driver.url).port
        put(driver, "/thumbnails/default", PIXEL)
        kept = Kept(tmp_path)
        for address in ("127.0.0.1", lan):
            with elsewhere(address) as foreign:
                page.goto(foreign)
                for host in ("127.0.0.1", "localhost"):
                    assert attack(page, f"{host}:{port}") == set(), (foreign, host)
        kept.check()
        page.goto(f"{driver.url}studio#help")
        assert attack(page, urlsplit(driver.url).netloc) == EVERYTHING
        assert "mirror = true" in (tmp_path / "vtuber.toml").read_text(encoding="utf-8")
        assert [path.name for path in tmp_path.rglob("*.vrm")] == ["Evil.vrm"]


def test_a_name_that_is_made_to_point_here_gets_nothing(built: Path, browser: Browser, tmp_path: Path) -> None:
    """DNS rebinding: to the browser, the stranger's page and this program are of one origin."""
    rule = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    rebound = browser.browser_type.launch(executable_path=chromium_of(browser.browser_type), args=[*FLAGS, rule])
    try:
        with program(tmp_path) as driver:
            kept, page = Kept(tmp_path), rebound.new_page()
            host = f"evil.example:{urlsplit(driver.url).port}"
            answer = page.goto(f"http://{host}/studio")
            assert answer is not None and answer.status == 403
            assert attack(page, host) == set()
            kept.check()
    finally:
        rebound.close()


def test_with_lan_nothing_works_without_the_token_and_all_with_it(
    built: Path, page: Page, tmp_path: Path, lan: str
) -> None:
    with program(tmp_path, "--lan") as driver:
        host, token = urlsplit(driver.url).netloc, driver.url.partition("?token=")[2]
        put(driver, "/thumbnails/default", PIXEL)
        assert host.startswith(f"{lan}:") and len(token) >= 20
        kept = Kept(tmp_path)
        for query in (f"?token={token[:-1]}x", ""):
            answer = page.goto(f"http://{host}/studio{query}")
            assert answer is not None and answer.status == 403
        assert attack(page, host) == set()
        kept.check()
        page.goto(f"http://{host}/studio?token={token}#help")
        expect(page.get_by_role("img", name="QR")).to_be_visible(timeout=PATIENCE_MS)
        assert attack(page, host) == EVERYTHING
        kept = Kept(tmp_path)
        with elsewhere(lan) as foreign:  # of the same host, so the browser has the cookie with the token for it
            page.goto(foreign)
            assert attack(page, host) == set()
        kept.check()


def test_the_stage_of_another_device_is_steered_with_the_token(
    built: Path, page: Page, tmp_path: Path, lan: str
) -> None:
    """A phone's studio: what is pressed there is seen by a viewer on this computer."""
    with program(tmp_path, "--lan") as driver:
        ear = Ear(f"http://127.0.0.1:{urlsplit(driver.url).port}/")
        page.goto(driver.url.replace("/?", "/studio?"))
        ear.until(lambda s: s["tracking"] == "tracked")
        page.get_by_role("button", name="Away", exact=True).click()
        ear.until(lambda s: s["tracking"] == "lost")
        ear.close()
