"""OSCQuery, as far as VRChat and we need it of each other: who we are, and which parameters an avatar has. JSON texts.

https://github.com/Vidvox/OSCQueryProposal. An app says over multicast DNS where its HTTP server is; that answers with a
tree of the OSC addresses that it takes, or with `?HOST_INFO`, where to send them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

HTTP_SERVICE, OSC_SERVICE = "_oscjson._tcp.local.", "_osc._udp.local."
AVATAR = "/avatar"
AVATAR_CHANGE = "/avatar/change"
"""VRChat sends it, with the avatar's id, to whoever has it in his tree."""
WRITABLE = 2
DEPTH = 16
LONGEST = 512
"""Characters of an address; VRChat allows far fewer in a parameter's name."""
MOST = 10_000
"""Parameters of an avatar; VRChat allows it 8192 bits that are synchronised, and some more that are not."""


def host_info(name: str, host: str, port: int) -> bytes:
    """Where we take OSC."""
    extensions = {"ACCESS": True, "CLIPMODE": False, "RANGE": False, "TYPE": True, "VALUE": False}
    return msgspec.json.encode(
        {"NAME": name, "EXTENSIONS": extensions, "OSC_IP": host, "OSC_PORT": port, "OSC_TRANSPORT": "UDP"}
    )


def tree(path: str = "/") -> bytes:
    """What we take: the news that the avatar has changed. From the root, or from /avatar or /avatar/change on."""
    change = {"FULL_PATH": AVATAR_CHANGE, "ACCESS": WRITABLE, "TYPE": "s", "DESCRIPTION": "the avatar's id"}
    avatar = {"FULL_PATH": AVATAR, "ACCESS": 0, "CONTENTS": {"change": change}}
    root = {"FULL_PATH": "/", "ACCESS": 0, "CONTENTS": {"avatar": avatar}}
    return msgspec.json.encode({"/": root, AVATAR: avatar, AVATAR_CHANGE: change}[path])


def parameters(document: bytes) -> Mapping[str, str]:
    """Of VRChat's answer to GET /avatar: address -> OSC type tag of every parameter that the avatar has.

    Raises:
        ValueError: it is not such an answer.
    """
    try:
        root = msgspec.json.decode(document)
    except (msgspec.DecodeError, RecursionError) as e:  # the latter: brackets without end
        raise ValueError(f"OSCQuery: not JSON: {e}") from None
    branch = _contents(root).get("parameters")
    found: dict[str, str] = {}
    for address, tag in _leaves(_contents(branch), 0):
        if len(found) == MOST:
            raise ValueError(f"OSCQuery: an avatar with more than {MOST} parameters")
        found[address] = tag
    return found


def _contents(node: Any) -> dict[str, Any]:
    contents = node.get("CONTENTS") if isinstance(node, dict) else None
    if not isinstance(contents, dict):
        raise ValueError("OSCQuery: no tree of an avatar's parameters")
    return contents


def _leaves(nodes: dict[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    for node in nodes.values():
        if not isinstance(node, dict):
            continue
        if isinstance(node.get("CONTENTS"), dict):
            if depth < DEPTH:
                yield from _leaves(node["CONTENTS"], depth + 1)
            continue
        address, tag = node.get("FULL_PATH"), node.get("TYPE")
        if isinstance(address, str) and isinstance(tag, str) and tag and len(address) <= LONGEST:
            yield address, tag[0]
