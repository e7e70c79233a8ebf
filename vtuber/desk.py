"""The desk of a running session: every part can be exchanged from here, and what is chosen is kept in vtuber.toml.

A change is written first, then the choices are read again and what they concern is made anew. When that fails the file
is put back, and the run goes on as it was.
"""

from __future__ import annotations

import argparse
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from vtuber import commands, config, hotkeys, keys, measuring
from vtuber import profile as profiles
from vtuber.chosen import Chosen, split_source
from vtuber.expressing import Expressing
from vtuber.hotkeys import Hotkeys
from vtuber.kept import Kept
from vtuber.measuring import Flows, Measuring
from vtuber.profile import Neutral
from vtuber.rig import Rig, Row, Say
from vtuber.settings_file import Change, SettingsFile
from vtuber.stages import VTuberError

log = logging.getLogger(__name__)


class Desk:
    """One run and what may be asked of it. Commands may come from any thread, one at a time.

    Args:
        flows: gives the guided calibrations; None where there are none.

    Raises:
        VTuberError: a part cannot be made.
    """

    def __init__(self, options: argparse.Namespace, say: Say, flows: Callable[[], Flows] | None = None) -> None:
        self._busy = threading.Lock()
        self._kept = Kept(options)
        self._hotkeys: Hotkeys | None = None
        self.hotkeys_problem = ""
        """Why the keys of other windows are not heard though that was asked for."""
        self.rig = Rig(self.chosen, say)
        self.expressing = Expressing(self._kept, self.rig)
        self.measuring = Measuring(flows)
        self.rig.tracker.on_tracked = self.measuring.see
        self.trouble = ""
        """Why the source that was last asked for could not be had; "" when it could."""
        self.on_avatar: Callable[[str, dict[str, str]], None] = lambda name, framing: None
        """Shows an avatar of the library in every viewer, framed as its settings say. Raises VTuberError."""
        self.on_remove_avatar: Callable[[str], None] = lambda name: None
        """Deletes one of the library. Raises VTuberError."""
        self.on_key: Callable[[], None] = lambda: None
        """Tells every studio that a key of another window was obeyed."""

    @property
    def chosen(self) -> Chosen:
        return self._kept.chosen

    @property
    def file(self) -> SettingsFile:
        return self._kept.file

    def close(self) -> None:
        """Hear no more keys, and close every part."""
        if self._hotkeys is not None:
            self._hotkeys.close()
        self.rig.close()

    # --- commands ----------------------------------------------------------------------------------------------------

    def do(self, command: commands.AnyCommand) -> None:
        """Do it, and keep it.

        Raises:
            VTuberError: it cannot be done; everything is as it was.
        """
        with self._busy:
            try:
                self._actions[type(command)](self, command)
            except ValueError as e:
                raise VTuberError(str(e)) from e

    def _choose(self, command: commands.Choose) -> None:
        what, value = command.what, command.value.strip()
        changes: list[Change] = [(("run", what), value or None)]
        if what == "source":
            changes.append((("run", "sources"), None))
            if split_source(value)[0] == "video" and "loop" not in self.chosen.config.of("source.video"):
                # The end of a film is the end of the run, which nobody wants who chose it while on air.
                changes.append((("source", "video", "loop"), True))
        with self._kept.changed(*changes, without=what):
            if what == "source":
                self._change_source()
            elif what == "tracker":
                self._change_tracker()
            else:
                self.rig.change_pipeline(self.chosen)

    def _layer(self, command: commands.Sources) -> None:
        changes: list[Change] = [(("run", "sources"), list(command.sources)), (("run", "source"), None)]
        with self._kept.changed(*changes, without="source"):
            self._change_source()

    def _set(self, command: commands.Set) -> None:
        place = (*command.section.split("."), command.key)
        if not all(place) or place[0] not in config.SECTIONS or place[0] == "server":
            raise VTuberError(f"there is no setting {'.'.join(place)}")
        if command.own:
            if place not in config.OWN:
                raise VTuberError(f"{'.'.join(place)} is the same for all avatars")
            place = ("avatar", self.chosen.avatar, config.OWN[place])
        with self._kept.changed((place, command.value), change=(command.section, command.key)):
            if place[0] == "source":
                self._change_source()
            elif place[0] == "tracker":
                self._change_tracker()
            elif place[0] in ("tuning", "avatar") and command.key != "mirror":
                self.rig.wishes.tuning = self.chosen.make_tuning()
            elif place[0] == "output":
                self.rig.remake_outputs(place[1], self.chosen)
            else:
                self.rig.change_pipeline(self.chosen)

    def _change_source(self) -> None:
        try:
            self.rig.change_source(self.chosen)
        except VTuberError as e:
            self.trouble = str(e)
            raise
        self.trouble = ""
        self.measuring.interrupt("the source was changed half-way: begin again; the profile is as it was")

    def _change_tracker(self) -> None:
        self.rig.change_tracker(self.chosen)
        self.measuring.interrupt("the tracker was changed half-way: begin again; the profile is as it was")

    def _shape(self, command: commands.Shape) -> None:
        told = {
            name: value
            for name, value, usual in (("gain", command.gain, 1.0), ("offset", command.offset, 0.0))
            if value != usual
        }
        place: tuple[str, ...] = ("shapes", command.name)
        if command.own:
            common = self.chosen.common_shapes.get(command.name, config.Shape())
            # An own entry says all of it: what the common one says may change later.
            both = {"gain": command.gain, "offset": command.offset}
            told = both if (command.gain, command.offset) != (common.gain, common.offset) else {}
            place = ("avatar", self.chosen.avatar, *place)
        with self._kept.changed((place, told or None)):
            self.rig.wishes.tuning = self.chosen.make_tuning()

    def _put_output(self, command: commands.PutOutput) -> None:
        rows = list(self.rig.rows)
        row = Row(command.text, command.on)
        if command.row is None:
            rows.append(row)
        else:
            rows[self._known(command.row)] = row
        self._keep_rows(rows)

    def _drop_output(self, command: commands.DropOutput) -> None:
        number = self._known(command.row)
        self._keep_rows([row for i, row in enumerate(self.rig.rows) if i != number])

    def _known(self, row: int) -> int:
        if not 0 <= row < len(self.rig.rows):
            raise VTuberError("that output is no longer in the list")
        return row

    def _keep_rows(self, rows: list[Row]) -> None:
        on, off = ([row.text for row in rows if row.on is wanted] for wanted in (True, False))
        changes: list[Change] = [(("run", "outputs"), on or None), (("run", "outputs_off"), off or None)]
        with self._kept.changed(*changes, without="output"):
            self.rig.put_rows(rows, self.chosen)

    def _recentre(self, _: commands.Recentre) -> None:
        measured = self.rig.pipeline.now.people[0].measured
        if measured is None:
            raise VTuberError("nobody was seen yet: sit in front of the camera, and try again")
        neutral = Neutral(_row(measured.rotation), _row(measured.place))
        self._save_profile(commands.SaveProfile(self.chosen.profile.name or "me"), neutral)

    def _save_profile(self, command: commands.SaveProfile, neutral: Neutral | None = None) -> None:
        now = self.chosen.profile
        profile = msgspec.structs.replace(now, name=command.name, neutral=neutral or now.neutral)
        try:
            profiles.save(profile, profiles.path_of(command.name))
        except OSError as e:
            raise VTuberError(f"the profile cannot be written: {e.strerror}") from None
        self._choose(commands.Choose("profile", command.name))

    def _calibrate(self, command: commands.Calibrate) -> None:
        if self.rig.tracker.now is None:
            raise VTuberError("what performs now gives no pictures: choose a camera, then calibrate")
        self.measuring.begin(command, self.chosen.profile_name)

    def _guide(self, command: commands.Guide) -> None:
        if command.wish == "keep":
            path = self.measuring.keep()
            self._choose(commands.Choose("profile", self.chosen.profile_name or path.stem))
            self.measuring.close()
        else:
            self.measuring.guide(command)

    def _swap_profile(self, _: commands.SwapProfile) -> None:
        measuring.swap(self._own_path())
        self._choose(commands.Choose("profile", self.chosen.profile_name))

    def _own_path(self) -> Path:
        """Of the profile in use."""
        if not self.chosen.profile_name:
            raise VTuberError("no profile is in use: choose one, or calibrate")
        return profiles.path_of(self.chosen.profile_name)

    def _unrefine(self, _: commands.Unrefine) -> None:
        measuring.unrefined(self._own_path())
        self.rig.pipeline.now.people[0].forget_refined()
        self._choose(commands.Choose("profile", self.chosen.profile_name))

    def keep_refined(self) -> None:
        """Into the profile's file, when its ranges were to follow the performer. Raises VTuberError."""
        refined = self.rig.pipeline.now.people[0].refined
        name = self.chosen.profile_name
        if name and refined is not None and refined != self.chosen.profile.refined:
            now = profiles.load(name)  # what was put into it since stays
            profiles.save(msgspec.structs.replace(now, refined=refined), profiles.path_of(name))

    def _away(self, command: commands.Away) -> None:
        self.rig.wishes.away = command.on

    def _avatar(self, command: commands.Avatar) -> None:
        with self._kept.changed((("server", "avatar"), command.name), change=("server", "avatar")):
            self._take_taste()
            self.on_avatar(command.name, self.chosen.framing)

    def _frame(self, command: commands.Frame) -> None:
        place = ("avatar", self.chosen.avatar)
        changes: list[Change] = [((*place, "camera"), command.camera or None), ((*place, "view"), command.view or None)]
        with self._kept.changed(*changes):
            self.on_avatar(self.chosen.avatar, self.chosen.framing)

    def _common(self, command: commands.Common) -> None:
        names = ("shapes",) if command.what == "shapes" else tuple(config.OWN.values())
        with self._kept.changed(*((("avatar", self.chosen.avatar, name), None) for name in names)):
            self._take_taste()

    def _take_taste(self) -> None:
        """What the performer likes of this avatar: how strong each shape is, how far it follows, whether mirrored."""
        tuning = self.chosen.make_tuning()
        self.rig.change_pipeline(self.chosen)
        self.rig.wishes.tuning = tuning

    def _remove_avatar(self, command: commands.RemoveAvatar) -> None:
        self.on_remove_avatar(command.name)

    def _listen(self, command: commands.Hotkeys) -> None:
        with self._kept.changed((("studio", "hotkeys"), command.held or None)):
            self.listen()

    def listen(self) -> None:
        """Hear the keys of other windows, if that is wished. Raises VTuberError; then none are heard any more."""
        if self._hotkeys is not None:
            self._hotkeys.close()
            self._hotkeys = None
        held = hotkeys.modifiers(self.chosen.config.studio.hotkeys)
        self.hotkeys_problem = ""
        if not held:
            return
        try:
            self._hotkeys = Hotkeys(held, self._key)
        except VTuberError as e:
            self.hotkeys_problem = str(e)
            raise

    def _key(self, key: str, down: bool) -> None:
        command = keys.wish(key, down, self.rig.wishes)
        if command is None:
            return
        try:
            self.do(command)
        except VTuberError as e:
            log.warning("the key %s could not be obeyed: %s", key, e)
        self.on_key()

    def _visited(self, command: commands.Visited) -> None:
        with self._kept.changed((("studio", "visited"), command.done or None)):
            pass

    _actions: Mapping[type, Callable[[Desk, Any], None]] = {
        commands.Choose: _choose,
        commands.Sources: _layer,
        commands.Set: _set,
        commands.Shape: _shape,
        commands.PutOutput: _put_output,
        commands.DropOutput: _drop_output,
        commands.Recentre: _recentre,
        commands.SaveProfile: _save_profile,
        commands.Away: _away,
        commands.Show: lambda self, command: self.expressing.show(command),
        commands.PutMood: lambda self, command: self.expressing.put(command),
        commands.TakeFace: lambda self, command: self.expressing.take_face(command),
        commands.Avatar: _avatar,
        commands.RemoveAvatar: _remove_avatar,
        commands.Frame: _frame,
        commands.Common: _common,
        commands.Calibrate: _calibrate,
        commands.Guide: _guide,
        commands.SwapProfile: _swap_profile,
        commands.Unrefine: _unrefine,
        commands.Hotkeys: _listen,
        commands.Visited: _visited,
    }


def _row(numbers: Any) -> Any:
    return tuple(float(n) for n in numbers)
