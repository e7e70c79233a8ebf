"""Who may talk to the server. The rules are over plain values, so that each can be read and tested by itself.

* Host must name this machine. A page whose own name is made to point here (DNS rebinding) still sends its own name.
* Origin and Sec-Fetch-Site must be our own page's. Browsers let any page open sockets and load scripts from anywhere.
* From other machines only with --lan, and then with the token that this start of the server printed.
"""

from __future__ import annotations

import re
import secrets
import socket
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

SOCKETS = "/socket.io/"
"""The path of Socket.IO: its clients may also bring the token in their first packet, which room.py checks."""
ADMITTED: ContextVar[bool] = ContextVar("admitted", default=False)
"""While a request is handled, and on its websocket: whether the caller needs no token or brought it."""

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/?#@\[\]]+)(:[0-9]{1,5})?", re.IGNORECASE)
"""Host header: a name, an IPv4 or a bracketed IPv6 address, and perhaps a port."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What one request says about where it comes from."""

    peer: str
    """IP address of the other side."""
    local: str
    """IP address of ours that it reached."""
    host: str
    """Host header, "" when absent."""
    origin: str | None = None
    site: str | None = None
    """Sec-Fetch-Site header."""
    navigation: bool = False
    """A person opened the address (a link, the address bar, OBS); no page asked for it."""


class Access:
    """The rules for one server.

    With `lan`, other machines may come if they bring `token`; without, the token is never asked for.
    """

    def __init__(self, *, lan: bool) -> None:
        self.lan = lan
        self.token = secrets.token_urlsafe(18)
        self._own_names = machine_names() if lan else frozenset()

    def refusal(self, caller: Caller) -> str | None:
        """Why this caller is turned away, whatever token it has, in one sentence; None when it is not."""
        if not self.lan and not is_loopback(caller.peer):
            return "This server is for this computer only."
        if not self._names_us(caller):
            return "Refused: the address in the request does not name this computer."
        if caller.origin is not None and caller.origin.lower() != f"http://{caller.host.lower()}":
            return "Refused: another web page may not read this server."
        if caller.site not in (None, "none", "same-origin") and not caller.navigation:
            return "Refused: another web page may not read this server."
        return None

    def admits(self, caller: Caller, *tokens: object) -> bool:
        """Whether the caller needs no token, or one of these is it."""
        return not self.lan or is_loopback(caller.peer) or any(self.is_token(token) for token in tokens)

    def is_token(self, token: object) -> bool:
        # Compared in constant time: how long the answer takes must not tell how much of a guess was right.
        return isinstance(token, str) and secrets.compare_digest(token.encode("utf-8", "replace"), self.token.encode())

    def _names_us(self, caller: Caller) -> bool:
        match = AUTHORITY.fullmatch(caller.host)
        if not match:
            return False
        name = match[1].lower()
        if name in LOOPBACK_NAMES:
            return True
        return self.lan and (name in self._own_names or name.strip("[]") == caller.local)


def is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)  # ::ffff:127.0.0.1, as a dual-stack socket shows IPv4
    return bool((mapped or parsed).is_loopback)


def machine_names() -> frozenset[str]:
    """What other machines call this one: its bare name and its mDNS name."""
    bare = socket.gethostname().lower().split(".")[0]
    return frozenset({bare, f"{bare}.local", socket.gethostname().lower()} - {""})


def caller_of(request: web.Request) -> Caller:
    transport = request.transport
    peer = transport.get_extra_info("peername") if transport else None
    local = transport.get_extra_info("sockname") if transport else None
    headers = request.headers
    return Caller(
        peer=peer[0] if peer else "",
        local=local[0] if local else "",
        host=headers.get("Host", ""),
        origin=headers.get("Origin"),
        site=headers.get("Sec-Fetch-Site"),
        navigation=headers.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET" and request.path != SOCKETS,
    )


def middleware(access: Access, cookie: str) -> Middleware:
    """The rules at the door of every request, sockets included. A good ?token= is kept in the named cookie."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = caller_of(request)
        reason = access.refusal(caller)
        if reason is not None:
            return web.Response(status=403, text=f"{reason}\n")
        brought = request.query.get("token")
        admitted = access.admits(caller, brought, request.cookies.get(cookie))
        ADMITTED.set(admitted)
        if not admitted and request.path != SOCKETS:
            return web.Response(status=403, text="Refused: open the link with the token that vtuber printed.\n")
        response = await handler(request)
        if access.lan and not response.prepared and access.is_token(brought):
            response.set_cookie(cookie, access.token, httponly=True, samesite="Strict")
        return response

    return guard
