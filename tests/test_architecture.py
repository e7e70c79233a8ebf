"""The house rules that a machine can check: which way imports run, who may import what, who may print."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from vtuber import parts

ROOT = Path(__file__).parents[1]
WORKSHOPS = {"built", "learning"}
"""What is made elsewhere, and what makes it: not the program."""
FILES = sorted(
    p for folder in ("vtuber", "calibration") for p in (ROOT / folder).rglob("*.py") if not WORKSHOPS & set(p.parts)
)
FOLDERS = {f"{kind}s" for kind in parts.KINDS}

LEVELS: tuple[tuple[str, ...], ...] = (
    ("stages", "wire", "latest", ""),
    (
        "rotation",
        "profile_text",
        "signals",
        "litert",
        "capture",
        "models",
        "protocols",
        "udp",
        "connection",
        "web_socket",
        "vtube_studio",
        "oscquery",
        "permissions",
        "live2d_core",
        "several",
        "hotkeys",
        "ports",
    ),
    (
        "head_pose",
        "gaze",
        "face_detector",
        "face_mesh",
        "blendshapes",
        "expressions",
        "pose",
        "loss",
        "profile",
        "lens",
        "personal",
        "refining",
        "shapes68",
        "acting",
        "tongue",
        "fusion",
        "strangers",
        "findings",
        "findings_text",
    ),  # fmt: skip
    ("video_file", "cameras", "layers", "performances", "tuning", "moods", "wishes", "performer"),
    ("sources", "trackers", "filters", "outputs"),
    (
        "pipeline",
        "parts",
        "server",
        "recording",
        "config",
        "settings_file",
        "commands",
        "keys",
        "preview",
        "avatar_files",
    ),
    ("chosen", "kept", "live", "rig", "measuring", "expressing", "desk", "vitals", "examining", "studio", "session"),
    ("bench", "doctor", "monitor", "calibration"),
    ("cli", "__main__"),
)
"""From the ground up. Within a level modules may build on each other; nothing imports from above."""

HEAVY = {
    "zeroconf": {"vtuber/oscquery.py"},
    "ai_edge_litert": {"vtuber/litert.py"},
    "mediapipe": {"vtuber/trackers/mediapipe_tasks.py"},
    "cv2_enumerate_cameras": {"vtuber/cameras.py"},
    "AVFoundation": {"vtuber/cameras.py"},
    "tqdm": {"vtuber/session.py"},
    "pynput": {"vtuber/hotkeys.py"},
    "segno": {"vtuber/server/app.py"},
    "tomlkit": {"vtuber/settings_file.py"},
    "tomli": {"vtuber/config.py"},
    "scipy": {"calibration/adjustment.py"},
    "matplotlib": set(),
    "torch": {"vtuber/trackers/fan.py"},
    "face_alignment": {"vtuber/trackers/fan.py"},
}
"""Package -> the files that may import it."""
ONE_FOLDER = {
    "aiohttp": ("vtuber/server/", "vtuber/web_socket.py"),
    "socketio": ("vtuber/server/",),
}
"""Package -> the folders, or files, that may import it."""
CV2 = {
    "vtuber/capture.py",
    "vtuber/cameras.py",
    "vtuber/video_file.py",
    "vtuber/sources/camera.py",
    "vtuber/face_detector.py",
    "vtuber/face_mesh.py",
    "vtuber/head_pose.py",
    "vtuber/preview.py",
    "vtuber/trackers/face_landmarker.py",
    "vtuber/trackers/fan.py",
}
"""OpenCV reads pictures, cuts the models' inputs out of them on as many threads as the tracker is given, and starts the
head pose; calibration may use it too."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, dotted; not what is only imported for types."""
    module = tree(path)
    for_types = {
        id(inner)
        for node in ast.walk(module)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(module):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(dotted: str) -> str | None:
    """The module or folder of ours that a name lies in; None when it is not ours."""
    words = dotted.split(".")
    if words[0] == "calibration":
        return "calibration"
    if words[0] != "vtuber":
        return None
    known = {name for level in LEVELS for name in level}
    return words[1] if len(words) > 1 and words[1] in known else ""


def own_room(path: Path) -> str:
    words = list(path.relative_to(ROOT).with_suffix("").parts)
    if words == ["vtuber", "__init__"]:
        return ""
    return words[0] if words[0] == "calibration" else words[1]


LEVEL = {name: i for i, level in enumerate(LEVELS) for name in level}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_downwards(path: Path) -> None:
    mine = own_room(path)
    assert mine in LEVEL, f"{mine} is new: say in LEVELS where it stands"
    for dotted in imports(path):
        other = room(dotted)
        if other is None or other == mine:
            continue
        assert LEVEL[other] <= LEVEL[mine], f"{name_of(path)} imports {dotted} from above"


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name in FOLDERS], ids=name_of)
def test_no_part_imports_another(path: Path) -> None:
    for dotted in imports(path):
        words = dotted.split(".")
        assert not (words[0] == "vtuber" and len(words) > 1 and words[1] in FOLDERS), f"{name_of(path)}: {dotted}"


def test_each_heavy_package_has_one_door() -> None:
    for path in FILES:
        name = name_of(path)
        for dotted in imports(path):
            package = dotted.split(".")[0]
            assert name in HEAVY.get(package, {name}), f"{name} imports {package}"
            assert name.startswith(ONE_FOLDER.get(package, "")), f"{name} imports {package}"
            if package == "cv2":
                assert name in CV2 or name.startswith("calibration/"), f"{name} imports cv2"


def test_only_the_command_line_prints() -> None:
    for path in FILES:
        calls = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        printing = [n.lineno for n in calls if isinstance(n.func, ast.Name) and n.func.id == "print"]
        assert not printing or name_of(path) == "vtuber/cli.py", f"{name_of(path)} prints in line {printing}"


def test_files_and_functions_stay_small() -> None:
    """Habits, with room for an exception: 300 lines and 40."""
    for path in FILES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 330, f"{name_of(path)}: split it by noun"
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                assert length <= 60, f"{name_of(path)}: {node.name} has {length} lines"


def test_text_is_opened_with_its_encoding_named() -> None:
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".read_text", ".write_text")):
                assert any(k.arg == "encoding" for k in node.keywords), f"{name_of(path)}:{node.lineno}"


def test_the_rules_see_what_they_should() -> None:
    """The checks above on a file that breaks them."""
    assert room("vtuber.sources.camera") == "sources" and room("numpy") is None and room("vtuber.Frame") == ""
    assert LEVEL["session"] > LEVEL["pipeline"] > LEVEL["trackers"] > LEVEL["head_pose"] > LEVEL["stages"]
    assert "numpy" in set(d.split(".")[0] for d in imports(ROOT / "vtuber" / "stages.py"))
    assert not any(d.startswith("vtuber.wire") for d in imports(ROOT / "vtuber" / "stages.py")), "only for types"


@pytest.mark.parametrize("kind, part", [(kind, name) for kind in parts.KINDS for name in parts.names(kind)])
def test_the_readmes_table_names_every_part(kind: str, part: str) -> None:
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("there is no README.md yet")
    rows = re.findall(r"^\|\s*(\w+)\s*\|\s*`(\w+)`\s*\|", readme.read_text(encoding="utf-8"), re.M)
    assert (kind, part) in rows
