"""What other apps allowed us, kept in the user's data folder: app -> host -> token."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import platformdirs

log = logging.getLogger(__name__)


def path(app: str) -> Path:
    return platformdirs.user_data_path("vtuber") / f"{app}.json"


def given(app: str) -> dict[str, str]:
    """The tokens of an app, by host; none where the file is missing or broken."""
    try:
        told = json.loads(path(app).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(host): str(token) for host, token in told.items()} if isinstance(told, dict) else {}


def keep(app: str, host: str, token: str) -> None:
    """Write a token down, for this user's eyes alone; where that fails, the app will ask again next time."""
    whole = path(app)
    part = whole.with_suffix(".part")
    try:
        whole.parent.mkdir(parents=True, exist_ok=True)
        # Whoever holds a token may move the avatar; Windows keeps the user's folder from others by itself.
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(given(app) | {host: token}, file)
        part.replace(whole)
    except OSError as e:
        log.warning("the permission of %s cannot be kept in %s: %s", app, whole, e.strerror)
