"""What a key asks for: 1 to 9 an expression, A away, C recentre."""

from __future__ import annotations

from vtuber import commands
from vtuber.wishes import Wishes


def wish(key: str, down: bool, wishes: Wishes) -> commands.AnyCommand | None:
    """The command of a key that goes down or up; None of a key that asks for nothing."""
    if down and key == "a":
        return commands.Away(not wishes.away)
    if down and key == "c":
        return commands.Recentre()
    mood = next((mood for mood in wishes.moods.moods if mood.key == key), None)
    shown = wishes.moods.wanted
    if mood is None or not (down or mood.hold):
        return None
    on = down if mood.hold else mood.name not in shown
    return commands.Show(tuple(sorted(shown | {mood.name} if on else shown - {mood.name})))
