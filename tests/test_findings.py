"""What "Not moving?" says: in three languages, with the same figures, and of what a real run lacks."""

from __future__ import annotations

import re
import socket
import string
import subprocess
import sys
from pathlib import Path

import pytest

from vtuber import ports
from vtuber.examining import OUTPUT_KEYS
from vtuber.findings import told
from vtuber.findings_text import TEXTS

LANGUAGES = Path(__file__).parents[1] / "web_client" / "src" / "studio" / "texts"
VTUBER = Path(__file__).parents[1] / "vtuber"


def texts(language: str) -> dict[str, str]:
    source = (LANGUAGES / f"{language}.ts").read_text(encoding="utf-8")
    block = re.search(r"\n  findings: \{\n(.*?)\n  \},", source, re.DOTALL)
    assert block, language
    found = re.findall(r"^    (\w+): '((?:[^'\\]|\\.)*)',$", block[1], re.MULTILINE)
    return {key: text.replace("\\'", "'") for key, text in found}


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_pages_english_is_ours() -> None:
    assert texts("en") == TEXTS


@pytest.mark.parametrize("language", ["ja", "zh_hant"])
def test_every_finding_is_said_in_every_language_with_the_same_figures(language: str) -> None:
    said = texts(language)
    assert list(said) == list(TEXTS)
    for key, text in TEXTS.items():
        assert names(said[key]) == names(text), key
        assert not said[key].isascii() and said[key] != text, key


def test_no_text_is_left_over_or_missing() -> None:
    sources = [(VTUBER / f"{name}.py").read_text(encoding="utf-8") for name in ("findings", "examining")]
    used = set(re.findall(r'"([a-z]+[A-Z]\w+|listening)"', "\n".join(sources))) | set(OUTPUT_KEYS.values())
    assert used == set(TEXTS)


def test_a_finding_carries_text_key_and_figures() -> None:
    finding = told("light", False, "lightDark", level=12)
    assert finding.text == "too dark (12 of 255): put a lamp in front of you"
    assert (finding.key, finding.arguments) == ("lightDark", {"level": "12"})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who holds a port")
@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_who_holds_a_port_is_named(kind: str) -> None:
    code = (
        "import socket, sys; s = socket.socket(socket.AF_INET, "
        f"{'socket.SOCK_DGRAM' if kind == 'udp' else 'socket.SOCK_STREAM'}); s.bind(('127.0.0.1', 0));"
        f"{'' if kind == 'udp' else 's.listen();'} print(s.getsockname()[1], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdin
        port = int(other.stdout.readline())
        assert f"(process {other.pid})" in ports.holder(port, kind)  # type: ignore[arg-type]
        other.stdin.close()
    assert ports.holder(port, kind) == ""  # type: ignore[arg-type]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who holds a port")
def test_our_own_port_is_nobody_elses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as own:
        assert ports.holder(own.getsockname()[1], "tcp") == ""
