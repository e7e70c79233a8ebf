"""Somebody at the other end of every output, in a process of their own so that their work is not counted as ours.

    python tests/performance/receivers.py vmc vrchat ...

Writes a line of JSON: output -> port. From then on every line that it reads is answered by another: output -> how many
messages have come. Ends with its input.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from test_openvtuber import Relay
from test_vtuber_unity import Scene
from vtube_studio_app import Studio

Receiver = tuple[int, Callable[[], int]]
"""Its port, and how to ask what has come."""


def studio() -> Receiver:
    made = Studio()
    return made.port, lambda: len(made.injected)


def scene() -> Receiver:
    made = Scene()
    return made.port, lambda: len(made.read)


def relay() -> Receiver:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    made = Relay(port)
    return port, lambda: len(made.heard)


def reader() -> Receiver:
    """Whoever listens to UDP reads every datagram."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    count = 0

    def read() -> None:
        nonlocal count
        while True:
            listening.recv(65536)
            count += 1

    threading.Thread(target=read, daemon=True).start()
    return listening.getsockname()[1], lambda: count


ANSWERING = {"vtube_studio": studio, "vtuber_unity": scene, "openvtuber": relay}


def main() -> None:
    made = {name: ANSWERING.get(name, reader)() for name in sys.argv[1:]}
    print(json.dumps({name: port for name, (port, _) in made.items()}), flush=True)
    for _ in sys.stdin:
        print(json.dumps({name: count() for name, (_, count) in made.items()}), flush=True)


if __name__ == "__main__":
    main()
