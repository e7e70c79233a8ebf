"""Which cameras there are, which one is meant, and why one does not open."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from vtuber.stages import VTuberError

BACKENDS = {
    "v4l2": cv2.CAP_V4L2,
    "avfoundation": cv2.CAP_AVFOUNDATION,
    "dshow": cv2.CAP_DSHOW,
    "msmf": cv2.CAP_MSMF,
    "any": cv2.CAP_ANY,
}
"""The ways into a camera, by the names that the setting takes."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """One camera that is plugged in."""

    index: int
    """What `--source camera:INDEX` takes; it may change when cameras are plugged in or out."""
    name: str
    path: str
    """The device, as far as the system shows it: /dev/video0 on Linux, an identifier elsewhere."""

    def __str__(self) -> str:
        return f"{self.index} ({self.name})"


def backends(wanted: str = "auto") -> list[int]:
    """OpenCV's back ends to try on this system, best first.

    On Windows DirectShow comes first: it opens at once and knows virtual cameras; Media Foundation is the second try.

    Raises:
        VTuberError: no back end of that name.
    """
    if wanted != "auto":
        if wanted not in BACKENDS:
            raise VTuberError(f"no camera back end {wanted!r}: choose auto, {', '.join(BACKENDS)}")
        return [BACKENDS[wanted]]
    if sys.platform == "win32":
        return [cv2.CAP_DSHOW, cv2.CAP_MSMF]
    return [cv2.CAP_AVFOUNDATION if sys.platform == "darwin" else cv2.CAP_V4L2]


def list_cameras(backend: int | None = None) -> list[CameraInfo]:
    """The cameras that are plugged in, by index as the given back end counts them (else the system's first choice)."""
    if sys.platform == "win32" or sys.platform == "darwin":
        from cv2_enumerate_cameras import enumerate_cameras, supported_backends

        api = backends()[0] if backend is None else backend
        if api not in supported_backends:
            api = supported_backends[0]
        found = [CameraInfo(c.index, c.name, c.path or "") for c in enumerate_cameras(api)]
    else:
        found = v4l2_cameras(Path("/sys/class/video4linux"), Path("/dev"))
    return sorted(found, key=lambda camera: camera.index)


def v4l2_cameras(names: Path, devices: Path) -> list[CameraInfo]:
    """Linux: the nodes that deliver pictures. A webcam has a second node for its metadata, which does not."""
    found = []
    for node in names.glob("video*"):
        number = node.name.removeprefix("video")
        device = devices / node.name
        if not (number.isdigit() and device.exists()):
            continue
        captures = _captures(device)
        if captures is None:  # it cannot be asked, perhaps for want of permission: the first node is the one
            captures = _line(node / "index") in ("0", "")
        if captures:
            found.append(CameraInfo(int(number), _line(node / "name") or node.name, str(device)))
    return found


def _line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _captures(device: Path) -> bool | None:
    """Whether a V4L2 node delivers pictures; None when it does not say. Numbers: linux/videodev2.h."""
    if sys.platform == "win32":
        return None
    import fcntl

    VIDIOC_QUERYCAP = 0x80685600
    DEVICE_CAPS_OFFSET, SIZE = 88, 104
    VIDEO_CAPTURE, VIDEO_CAPTURE_MPLANE = 0x1, 0x1000
    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        answer = fcntl.ioctl(handle, VIDIOC_QUERYCAP, bytes(SIZE))
    except OSError:
        return None
    finally:
        os.close(handle)
    (capabilities,) = struct.unpack_from("=I", answer, DEVICE_CAPS_OFFSET)
    return bool(capabilities & (VIDEO_CAPTURE | VIDEO_CAPTURE_MPLANE))


def choose(argument: str, cameras: Sequence[CameraInfo]) -> CameraInfo:
    """The camera that the user means: an index, a device path, a name or a part of it; nothing means the first.

    Raises:
        VTuberError: there is none at all, or not that one.
    """
    if not cameras:
        raise VTuberError("no camera found: plug one in and start again, or try it without one: --source demo")
    if not argument:
        return cameras[0]
    if argument.isdecimal():
        fitting = [camera for camera in cameras if camera.index == int(argument)]
    else:
        wanted = argument.casefold()
        fitting = [camera for camera in cameras if wanted in (camera.name.casefold(), camera.path.casefold())]
        fitting = fitting or [camera for camera in cameras if wanted in camera.name.casefold()]
    if not fitting:
        there = ", ".join(map(str, cameras))
        raise VTuberError(f"camera {argument} is not there; choose one of: {there}")
    return fitting[0]


def find_again(lost: CameraInfo, cameras: Sequence[CameraInfo]) -> CameraInfo | None:
    """The same camera after it was plugged in again, perhaps under another index."""
    namesakes = [camera for camera in cameras if camera.name == lost.name]
    same = [camera for camera in namesakes if camera.path == lost.path]
    return next(iter(same + namesakes), None)


def explain(camera: CameraInfo, *, opened: bool) -> str:
    """Why the camera does not open, or opens without a picture, in one line with the way out; ask right afterwards."""
    if sys.platform == "win32":
        known = ""
    elif sys.platform == "darwin":
        known = _forbidden_by_mac(camera)
    else:
        known = _known_by_linux(camera)
    if known:
        return known
    if opened:
        return f"camera {camera} gives no picture: close what may be using it, or unplug it and plug it in again"
    if sys.platform == "win32":
        return (
            f"camera {camera} does not open: close the program that uses it, or allow it under"
            " Settings > Privacy & security > Camera > Let desktop apps access your camera"
        )
    return f"camera {camera} does not open: close what may be using it, or unplug it and plug it in again"


def _known_by_linux(camera: CameraInfo) -> str:
    if not os.path.exists(camera.path):
        return f"camera {camera} was unplugged: plug it in and start again"
    if not os.access(camera.path, os.R_OK | os.W_OK):
        return (
            f"no permission for camera {camera}, {camera.path}: join the video group with"
            ' "sudo usermod -aG video $USER", then log in again'
        )
    if users := holders(camera.path):
        return f"camera {camera} is in use by {', '.join(users)}: close that first"
    return ""


def _forbidden_by_mac(camera: CameraInfo) -> str:
    if sys.platform == "darwin":
        import AVFoundation  # of pyobjc, which cv2-enumerate-cameras brings along

        status = AVFoundation.AVCaptureDevice.authorizationStatusForMediaType_(AVFoundation.AVMediaTypeVideo)
        if status != AVFoundation.AVAuthorizationStatusAuthorized:
            return (
                f"macOS does not allow camera {camera} to this terminal: switch the terminal on under"
                " System Settings > Privacy & Security > Camera, then start again"
            )
    return ""


def holders(path: str, processes: Path = Path("/proc")) -> list[str]:
    """Linux: who has the device open, as far as we may see it: our own user's processes."""
    found = []
    for process in processes.glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(os.readlink(handle) == path for handle in (process / "fd").iterdir()):
                found.append(f"{_line(process / 'comm')} (process {process.name})")
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
    return found
