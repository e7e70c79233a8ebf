"""A real browser at the door: our own page gets in, and another page on this very computer does not."""

import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_clients import state, wait_for

from vtuber.server import Server

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this computer")

OWN = """<!doctype html><title>own</title><link rel="icon" href="data:,">
<script type="module" crossorigin src="./assets/own-C0ffee.js"></script>"""

SCRIPT = """
// What the client does: a socket, the greeting, states with acknowledgements; and the blobs of an avatar's textures.
window.marks = []; window.problems = [];
document.addEventListener('securitypolicyviolation', (e) => window.problems.push(e.violatedDirective + e.blockedURI));
const socket = new WebSocket(`ws://${location.host}/socket.io/?EIO=4&transport=websocket`);
socket.onmessage = ({ data }) => {
  if (data === '2') socket.send('3');
  else if (data[0] === '0') socket.send('40');
  else if (data.startsWith('42["hello"')) window.hello = JSON.parse(data.slice(2))[1];
  else if (data.startsWith('42')) {
    const start = data.indexOf('[');
    socket.send('43' + data.slice(2, start) + '[]');
    window.marks.push(Math.round(JSON.parse(data.slice(start))[1].head.position[0] * 1e4));
  }
};
const texture = URL.createObjectURL(new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'],
  { type: 'image/svg+xml' }));
const image = new Image();
image.src = texture;
window.ready = Promise.all([
  image.decode(),
  fetch(texture).then((r) => r.text()),
  fetch('/avatars/default.vrm').then((r) => r.text()),
  WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
]).then(([, , avatar]) => avatar);
"""

FOREIGN = """<!doctype html><title>foreign</title><link rel="icon" href="data:,"><script>
window.___eio = [() => { window.leaked = true; }];
const failed = (promise) => promise.then(() => 'in', () => 'out');
const script = (src) => new Promise((resolve, reject) => {
  const tag = document.createElement('script'); tag.onload = resolve; tag.onerror = reject; tag.src = src;
  document.head.append(tag);
});
const socket = (src) => new Promise((resolve, reject) => {
  const socket = new WebSocket(src); socket.onopen = resolve; socket.onerror = reject;
});
window.attack = (host) => Promise.all([
  failed(fetch(`http://${host}/`)),
  failed(fetch(`http://${host}/`, { mode: 'no-cors' })),
  failed(fetch(`http://${host}/socket.io/?EIO=4&transport=polling`)),
  failed(script(`http://${host}/socket.io/?EIO=4&transport=polling&j=0`)),
  failed(script(`http://${host}/assets/own-C0ffee.js`)),
  failed(socket(`ws://${host}/socket.io/?EIO=4&transport=websocket`)),
]);
</script>"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    (tmp_path / "web/assets").mkdir(parents=True)
    (tmp_path / "avatars").mkdir()
    (tmp_path / "web/index.html").write_text(OWN, encoding="utf-8")
    (tmp_path / "web/assets/own-C0ffee.js").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "avatars/default.vrm").write_bytes(b"an avatar")
    monkeypatch.setattr("vtuber.server.app.BUILT", tmp_path)
    monkeypatch.setattr("vtuber.server.app.avatar_folders", lambda: [tmp_path / "avatars"])
    server = Server(port=0)
    yield server
    server.close()


@pytest.fixture
def page() -> Iterator[Any]:
    arguments = ["--no-sandbox", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser.new_page()
        browser.close()


def test_own_page_gets_all_that_it_needs(server: Server, page: Any) -> None:
    page.goto(server.url)
    assert page.evaluate("ready") == "an avatar"
    for mark in range(20):
        server.send(state(mark))
        wait_for(lambda mark=mark: page.evaluate("marks.at(-1)") == mark)
    assert page.evaluate("marks") == list(range(20))
    assert page.evaluate("hello.avatar") == "/avatars/default.vrm"
    assert page.evaluate("problems") == []
    page.close()
    wait_for(lambda: server.viewers == 0)


def test_foreign_page_gets_nothing(server: Server, page: Any) -> None:
    class Foreign(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FOREIGN.encode())

        def log_message(self, *_: object) -> None:
            pass

    elsewhere = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
    try:
        page.goto(f"http://127.0.0.1:{elsewhere.server_port}/")
        for host in (f"127.0.0.1:{server.port}", f"localhost:{server.port}"):
            assert page.evaluate(f"attack({host!r})") == ["out"] * 6
        assert not page.evaluate("window.leaked")
        page.goto(server.url)
        assert page.title() == "own", "but a link to us works"
    finally:
        elsewhere.shutdown()
        elsewhere.server_close()
