"""The parts: the contract over the folders, and their settings from file and command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import needed

from vtuber import config, parts, stages
from vtuber.config import Config
from vtuber.parts import Kind
from vtuber.pose import REST, to_state
from vtuber.stages import VTuberError

EVERY = [(kind, name) for kind in parts.KINDS for name in parts.names(kind)]
PORTS = {"source": stages.Source, "tracker": stages.Tracker, "filter": stages.Filter, "output": stages.Output}


@pytest.fixture(params=EVERY, ids=[f"{k}-{n}" for k, n in EVERY])
def each(request: pytest.FixtureRequest) -> tuple[Kind, str]:
    kind, name = request.param
    if (kind, name) == ("tracker", "mediapipe_tasks"):
        needed("mediapipe")
    return kind, name


def construct(kind: Kind, name: str, folder: Path) -> Any:
    """The part with as little as it needs; None where it says in one line what is missing."""
    arguments: list[Any] = {"filter": ["rotation"], "output": [str(folder / "out")], "source": [""], "tracker": []}[
        kind
    ]
    try:
        return parts.make(kind, name, {}, *arguments)
    except VTuberError as e:
        assert str(e) and "\n" not in str(e)
        return None


def test_a_part_works_or_says_what_it_needs(each: tuple[Kind, str], tmp_path: Path) -> None:
    kind, name = each
    assert issubclass(parts.find(kind, name), PORTS[kind])
    made = construct(kind, name, tmp_path)
    if made is None:
        return
    if kind == "filter":
        made.reset()
        made.reset()
        return
    if kind == "output":
        made.send(to_state(REST, 0.0, 0, "lost", 0.0))
    if kind == "source":
        assert made.describe() and "\n" not in made.describe()
    made.close()
    made.close()


def test_settings_are_typed_and_explained(each: tuple[Kind, str]) -> None:
    part = parts.find(*each)
    described = f"{part.__doc__ or ''} {part.__init__.__doc__ or ''}"
    for setting in parts.settings(part):
        assert setting.type in (bool, int, float, str), f"{setting.name} cannot come from a command line"
        assert type(setting.default) is setting.type
        assert setting.name in described, f"{each}: the docstring does not say what {setting.name} is"


def test_an_unknown_part_is_answered_with_those_there_are() -> None:
    with pytest.raises(VTuberError, match="no tracker named 'dlib'; there are: .*face_landmarker"):
        parts.find("tracker", "dlib")
    for sly in ("__init__", "../cli", "os", ""):
        with pytest.raises(VTuberError):
            parts.find("filter", sly)


def test_a_part_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "needy.py").write_text("import a_package_that_is_nowhere\n", encoding="utf-8")
    import vtuber.filters

    monkeypatch.setattr(vtuber.filters, "__path__", [*vtuber.filters.__path__, str(tmp_path)])
    with pytest.raises(VTuberError, match=r"needs the package a_package_that_is_nowhere: pip install 'vtuber-driver\["):
        parts.find("filter", "needy")


# --- settings --------------------------------------------------------------------------------------------------------


class Sample:
    def __init__(self, *, calm: bool = False, fps: float = 30.0, size: int = 4, name: str = "x") -> None: ...


@pytest.mark.parametrize(
    "given, value",
    [
        ({"calm": "true"}, True),
        ({"calm": "No"}, False),
        ({"calm": "1"}, True),
        ({"calm": True}, True),
        ({"fps": "59.94"}, 59.94),
        ({"fps": 60}, 60.0),
        ({"size": "7"}, 7),
        ({"name": "7"}, "7"),
    ],
)
def test_text_becomes_what_the_signature_says(given: dict[str, Any], value: Any) -> None:
    (result,) = parts.checked(Sample, "sample", given).values()
    assert result == value and type(result) is type(value)


@pytest.mark.parametrize(
    "given, complaint",
    [
        ({"calm": "perhaps"}, "calm must be true or false, not 'perhaps'"),
        ({"calm": 1}, "true or false"),
        ({"fps": "fast"}, "fps must be a number, not 'fast'"),
        ({"fps": True}, "a number"),
        ({"size": "4.5"}, "size must be a whole number"),
        ({"size": 4.0}, "a whole number"),
        ({"name": 7}, "name must be text"),
        ({"speed": 1}, "no setting 'speed'; it has: calm, fps, size, name"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(VTuberError, match=complaint):
        parts.checked(Sample, "sample", given)


def test_a_value_that_makes_no_sense_names_its_part() -> None:
    with pytest.raises(VTuberError, match="filter one_euro: smoothing must not be negative"):
        parts.make("filter", "one_euro", {"smoothing": "-1"}, "rotation")


# --- vtuber.toml -----------------------------------------------------------------------------------------------------


def written(folder: Path, text: str) -> Path:
    path = folder / "vtuber.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_chooses_parts_and_sets_them(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[run]\nsource = "camera:1"\noutputs = ["jsonl:a.jsonl"]\n'
        "[source]\nfps = 60\n[filter]\nsmoothing = 0.5\n[output.jsonl]\nappend = true\n",
    )
    read = config.load(path)
    assert read.choices == {"source": "camera:1", "outputs": ["jsonl:a.jsonl"]}
    assert read.of("source") == {"fps": 60}
    assert read.of("filter") == {"smoothing": 0.5}
    assert read.of("output.jsonl") == {"append": True}
    assert read.of("tracker") == {}


def test_without_a_file_there_is_nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "default_path", lambda: tmp_path / "vtuber.toml")
    assert config.load(None).choices == {}
    written(tmp_path, "[source]\nfps = 60\n")
    assert config.load(None).of("source") == {"fps": 60}


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("this is no toml", "is not TOML"),
        ("[source\nfps=1", "is not TOML"),
        ("[sauce]\nfps = 1", "[sauce] means nothing here"),
        ("source = 3", "[source] means nothing here"),
        ("[run]\nsource = 3", "[run] source = 3 means nothing here"),
        ("[run]\ncolour = 'red'", "means nothing here"),
        ("run = 1", "means nothing here"),
        ("[output]\njsonl = 1", "means nothing here"),
        ("[run]\noutputs = [1]", "means nothing here"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(VTuberError) as caught:
        config.load(path)
    assert complaint in str(caught.value) and str(path) in str(caught.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(VTuberError, match="cannot be read"):
        config.load(tmp_path / "none.toml")
    with pytest.raises(VTuberError, match="cannot be read"):
        config.load(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(VTuberError, match="is not TOML"):
        config.load(tmp_path / "bytes.toml")


IN_USE = {"camera": "source", "face_landmarker": "tracker", "one_euro": "filter", "jsonl": "output.jsonl"}


@pytest.mark.parametrize(
    "change, section, key, value",
    [
        ("source.fps=60", "source", "fps", "60"),
        ("camera.fps=60", "source", "fps", "60"),
        ("one_euro.smoothing = 0.5", "filter", "smoothing", "0.5"),
        ("pipeline.mirror=true", "pipeline", "mirror", "true"),
        ("server.host=127.0.0.1", "server", "host", "127.0.0.1"),
        ("jsonl.append=yes", "output.jsonl", "append", "yes"),
        ("output.jsonl.append=yes", "output.jsonl", "append", "yes"),
        ("server.source=a=b", "server", "source", "a=b"),
    ],
)
def test_set_names_a_part_by_its_kind_or_its_name(change: str, section: str, key: str, value: str) -> None:
    settings = Config({}, {})
    config.override(settings, [change], IN_USE)
    assert settings.settings == {section: {key: value}}


@pytest.mark.parametrize(
    "change, complaint",
    [
        ("fps=60", "write it as part.setting=value"),
        ("source.fps", "write it as part.setting=value"),
        ("=", "write it as part.setting=value"),
        (".fps=1", "write it as part.setting=value"),
        ("kalman.smoothing=1", "no part 'kalman' in use"),
        ("output.append=1", "no part 'output' in use"),
        ("output.vmc.x=1", "no part 'output.vmc' in use"),
    ],
)
def test_set_of_another_form_or_part_is_refused(change: str, complaint: str) -> None:
    with pytest.raises(VTuberError, match=complaint):
        config.override(Config({}, {}), [change], IN_USE)


def test_the_last_set_counts() -> None:
    settings = Config({}, {"source": {"fps": 30}})
    config.override(settings, ["source.fps=60", "source.fps=15"], IN_USE)
    assert settings.of("source") == {"fps": "15"}


def test_settings_of_a_file_go_to_the_parts_that_know_them() -> None:
    """One [source] table serves camera, video and demo; what none of them knows stays, to be refused."""
    table = {"width": 320, "loop": True, "fps": 15.0, "wdth": 1}
    assert parts.fitting("source", "demo", table) == {"fps": 15.0, "wdth": 1}
    assert parts.fitting("source", "camera", table) == {"width": 320, "fps": 15.0, "wdth": 1}
