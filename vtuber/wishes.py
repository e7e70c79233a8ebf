"""What a performer asks of the avatar beside being tracked: it may change at any moment of a run, from any thread."""

from __future__ import annotations

from dataclasses import dataclass, field

from vtuber.moods import Moods
from vtuber.pose import Pose
from vtuber.tuning import Tuning


@dataclass(slots=True)
class Wishes:
    """Shared by all performers of a pipeline, and kept from one pipeline to the next."""

    tuning: Tuning = field(default_factory=Tuning)
    moods: Moods = field(default_factory=Moods)
    away: bool = False
    """Go to rest, as if nobody were seen."""

    def over(self, t: float, shown: Pose) -> Pose:
        """The pose at time t (seconds) as it is wished."""
        return self.moods(t, self.tuning(shown))
