"""The files: the built web client, and the avatars that come with it or that the user put in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import platformdirs
from aiohttp import web

BUILT = Path(__file__).parents[1] / "built"
"""Written when the package is built: web/ is the client, avatars/ the default avatar."""

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".glb": "model/gltf-binary",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".vrm": "model/gltf-binary",
    ".vrma": "model/gltf-binary",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
"""Stated here because Windows' registry, which Python's mimetypes reads, is known to call .js text/plain."""

PAGES = {"": "index.html", "stage": "index.html", "studio": "studio.html"}
"""Addresses -> pages. The stage is the viewer, what OBS is given; the studio is what the performer touches."""

NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>vtuber</title>
<h1>The viewer is not built yet</h1>
<p>This is a checkout without its web client. Run <code>pip install .</code> in it, which builds the client, then start
<code>vtuber</code> again.</p>
</html>
"""


def avatar_folders() -> list[Path]:
    """Where avatars are looked for: the user's own first, then the ones that came with the program."""
    return [platformdirs.user_data_path("vtuber") / "avatars", BUILT / "avatars"]


def background_folder() -> Path:
    """Where the user's own pictures for the ground lie."""
    return platformdirs.user_data_path("vtuber") / "backgrounds"


AVATARS = (".vrm", ".zip")
"""How the files of avatars end; of two with one name the first is taken. A zip holds an avatar of any kind."""
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
"""How the files of backgrounds end."""


class Pages:
    """Serves `web` at /, the avatars' files of `avatars`, the first folder that has one winning, and the pictures of
    `backgrounds`."""

    def __init__(self, web_folder: Path, avatars: Sequence[Path], backgrounds: Path) -> None:
        self.web_folder = web_folder
        self.avatars = avatars
        self.backgrounds = backgrounds

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/avatars/{name}", self._avatar)
        app.router.add_get("/backgrounds/{name}", self._background)
        app.router.add_get("/library.json", self._library)
        app.router.add_get("/{path:.*}", self._page)
        app.on_response_prepare.append(_secure)

    def find_avatar(self, file_name: str) -> Path | None:
        """The file of this plain name, such as "default.vrm"; None when no folder has it."""
        if not file_name.lower().endswith(AVATARS):
            return None
        for folder in self.avatars:
            path = inside(folder, file_name)
            if path is not None:
                return path
        return None

    def find_named(self, name: str) -> Path | None:
        """The file of the avatar of this name, such as "default"; None when no folder has it."""
        for folder in self.avatars:
            for ending in AVATARS:
                path = inside(folder, name + ending)
                if path is not None:
                    return path
        return None

    def avatar_names(self) -> list[str]:
        """The avatars that can be chosen, without their ending."""
        files = [path.name for folder in self.avatars if folder.is_dir() for path in folder.iterdir()]
        return sorted({Path(name).stem for name in files if self.find_avatar(name)})

    def library(self) -> dict[str, list[str]]:
        """Paths of the addresses of all avatars and backgrounds, by name: what the viewer offers."""
        found = [self.find_named(name) for name in self.avatar_names()]
        pictures = sorted(self.backgrounds.iterdir()) if self.backgrounds.is_dir() else []
        return {
            "avatars": [avatar_address(path.name) for path in found if path],
            "backgrounds": [_address("backgrounds", p.name) for p in pictures if self._find_background(p.name)],
        }

    def _find_background(self, file_name: str) -> Path | None:
        return inside(self.backgrounds, file_name) if file_name.lower().endswith(PICTURES) else None

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        asked = request.match_info["name"]
        path = self.find_avatar(asked)
        if path is not None:
            return file_response(path, "no-cache")
        named = self.find_named(asked)
        if named is not None:
            query = f"?{request.query_string}" if request.query_string else ""
            raise web.HTTPFound(avatar_address(named.name) + query)
        raise web.HTTPNotFound(text="There is no such avatar here.\n")

    async def _background(self, request: web.Request) -> web.StreamResponse:
        path = self._find_background(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound(text="There is no such picture here.\n")
        return file_response(path, "no-cache")

    async def _library(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.library(), headers={"Cache-Control": "no-store"})

    async def _page(self, request: web.Request) -> web.StreamResponse:
        path_asked = request.match_info["path"]
        parts = PAGES.get(path_asked, path_asked).split("/")
        path = inside(self.web_folder, *parts)
        if path is not None:
            # Vite puts a hash of the content into the names under assets/: such a file never changes.
            return file_response(path, "public, max-age=31536000, immutable" if parts[0] == "assets" else "no-cache")
        if path_asked in PAGES:
            return web.Response(status=503, text=NOT_BUILT, content_type="text/html")
        raise web.HTTPNotFound(text="There is no such page here.\n")


def avatar_address(file_name: str) -> str:
    """The path part of the address of an avatar's file."""
    return _address("avatars", file_name)


def _address(folder: str, file_name: str) -> str:
    return f"/{folder}/{quote(file_name, safe='')}"


def inside(folder: Path, *names: str) -> Path | None:
    """The file folder/names..., if each name is plain and the file, links followed, really lies there; else None."""
    for name in names:
        # A backslash and a colon are separators on Windows; a leading dot is hidden, or the way up.
        if not name or name.startswith(".") or any(c in '/\\:*?"<>|' or not c.isprintable() for c in name):
            return None
    try:
        root = folder.resolve()
        path = root.joinpath(*names).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):  # a name too long, or one that the system cannot hold
        return None


def file_response(path: Path, cache: str) -> web.FileResponse:
    kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
    return web.FileResponse(path, headers={"Content-Type": kind, "Cache-Control": cache})


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    """Headers that keep foreign code out of our pages and foreign pages away from our files.

    The client needs blob: for the textures inside an avatar and for files dropped on it, and WebAssembly for decoders.
    """
    policy = (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self' data:; worker-src 'self' blob:; "
        # Safari did not count ws: as 'self' for long. The host has passed the rules of access.py, or is not repeated.
        f"connect-src 'self' blob: data:{'' if response.status == 403 else f' ws://{request.host}'}; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Server"] = "vtuber"
