"""How far this performer's shapes reach, what is read along with them, and how well left and right are told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from calibration.steps import SIDES, STEPS, TURNS, shows
from calibration.takes import Mask, Take
from vtuber import personal
from vtuber.personal import freed
from vtuber.profile import Range
from vtuber.stages import Array
from vtuber.wire import ARKIT

SHOWN = 0.25
"""A shape that rose by less was not shown, or is not seen in this face: its range stays the usual one."""
HIGHEST_REST, LOWEST_MOST = 0.3, 0.35
"""Ranges are measured, not believed: neither a face that never rests nor one that hardly moves stretches everything."""
MARGIN = 0.95
"""What is reached with pain in a calibration is reached with ease at this share of it."""
LEAST, MOST = 0.1, 0.5
"""Shares of one shape in another: below nothing is taken out, and never more than this."""
NAMED = 0.4
"""A wink is a wink when the lids are so far apart."""
RESTING_PERCENT, RESTING = 10.0, 0.1
FEWEST, HELD = 30, 3e-3
"""Frames of a turning head, and the ridge that holds its map to nothing, as a share of their number."""
UNEXPLAINED, LARGE = 0.75, 0.05
"""A turn is taken out of a shape when it explains so much of its spread, and comes to so much."""

Crosstalk = dict[str, dict[str, float]]
Turned = tuple[float, float, float, float, float]


def reach(values: Array) -> float:
    """The height that values (N,) really come to: the third highest of them, each the median of three neighbours."""
    if len(values) < 5:
        return 0.0
    calm = np.median([values[:-2], values[1:-1], values[2:]], axis=0)
    return float(np.sort(calm)[-3])


def shown_in(name: str, takes: Sequence[Take]) -> list[Take]:
    """The takes in which a shape is to be at its most; those of shapes alone show every shape but the eyes' looks."""
    steps = [step for step in STEPS if name in step.shapes]
    looks = name.startswith("eyeLook")
    return [
        take
        for take in takes
        if any(shows(take.label, step) for step in steps) or (take.label in ("shapes", "free") and not looks)
    ]


def ranges(takes: Sequence[Take], crosstalk: Crosstalk) -> dict[str, Range]:
    """(rest, most) of every shape that was shown, after what is read along was taken out."""
    own = [_freed(take, crosstalk) for take in takes]
    found: dict[str, Range] = {}
    for name in ARKIT:
        showing = [weights for take, weights in zip(takes, own, strict=True) if take in shown_in(name, takes)]
        if not showing:
            continue
        i = ARKIT.index(name)
        at_rest = [w[:, i] for take, w in zip(takes, own, strict=True) if take.label == "ahead"]
        low = float(np.median(np.concatenate(at_rest))) if at_rest else _low(showing, i)
        high = max(reach(weights[:, i]) for weights in showing)
        if high - low < SHOWN:
            continue
        low = min(low, HIGHEST_REST)
        most = max(low + MARGIN * (high - low), LOWEST_MOST)
        found[name] = round(low, 4), round(max(most, low + SHOWN), 4)
    return found


def _low(showing: Sequence[Array], i: int) -> float:
    return float(np.percentile(np.concatenate([weights[:, i] for weights in showing]), RESTING_PERCENT))


def _freed(take: Take, crosstalk: Crosstalk) -> Array:
    """(N, 52)"""
    if not crosstalk:
        return take.weights
    listed = [(name, list(along.items())) for name, along in crosstalk.items()]
    rows = (freed(dict(zip(ARKIT, row, strict=True)), listed) for row in take.weights.tolist())
    return np.array([list(row.values()) for row in rows]).reshape(-1, len(ARKIT))


def turned(takes: Sequence[Take]) -> dict[str, Turned]:
    """What turning the head alone makes of shapes that are not shown, as factors of personal.monomials.

    Only what the turn explains, and only where it is enough to be seen.
    """
    turning = [take for take in takes if take.label in ("turns", *TURNS)]
    rows = [(take.facing[ok], take.weights[ok]) for take in turning if (ok := _seen_well(take)).any()]
    if sum(len(facing) for facing, _ in rows) < FEWEST:
        return {}
    facing, weights = (np.concatenate(column) for column in zip(*rows, strict=True))
    basis = np.array([personal.monomials(x, y) for x, y in facing.tolist()])
    b, w = basis - basis.mean(axis=0), weights - weights.mean(axis=0)
    factors = np.linalg.solve(b.T @ b + HELD * len(b) * np.eye(5), b.T @ w)
    explained = b @ factors
    for_turn = (w - explained).std(axis=0) < UNEXPLAINED * w.std(axis=0)
    large = np.abs(explained).max(axis=0) > LARGE
    found: dict[str, Turned] = {}
    for i in np.flatnonzero(for_turn & large).tolist():
        if not ARKIT[i].startswith(("eyeLook", "eyeBlink")):  # which go by the gaze, and by blinks while it turns
            p, q, r, s, t = np.round(factors[:, i], 4).tolist()
            found[ARKIT[i]] = p, q, r, s, t
    return found


def _seen_well(take: Take) -> Mask:
    """(N,) frames of a face turned no further than it is well seen, with open eyes."""
    near: Mask = take.eyes_open & (np.abs(take.facing) < personal.WIDEST).all(axis=1)
    return near


def crosstalk(takes: Sequence[Take]) -> Crosstalk:
    """What lids and jaw are read to do while only something else moves: winks beside each other, lids beside a smile.

    Of a face that was asked to wink with one eye, the other lid's part is taken for a misreading; so are lids and jaw
    while the mouth or the brows were asked to move alone. The rest of what comes along may be the performer's own way.
    """
    found: Crosstalk = {}
    for one, other in (SIDES, SIDES[::-1]):
        name, along = f"eyeBlink{one}", f"eyeBlink{other}"
        share = _share_of_winks(takes, name, along)
        if share is not None and share > LEAST:
            found[name] = {along: round(min(MOST, share), 3)}
    for step in STEPS:
        if step.clip != "shapes" or step.name == "wide":
            continue
        alone = [take for take in takes if take.label == step.name]
        for name in step.shapes[:1]:
            shares = {along: _share(alone, name, along) for along in _bystanders(name)}
            kept = {along: round(min(MOST, 0.8 * share), 3) for along, share in shares.items() if share > LEAST}
            if kept:
                found[name] = kept
    return found


def _bystanders(name: str) -> Iterator[str]:
    yield from (f"eyeBlink{side}" for side in SIDES)
    if name.startswith("brow"):
        yield "jawOpen"


def _share(takes: Sequence[Take], name: str, along: str) -> float:
    """Median share of `along` in `name`, above what it is at rest, where the latter is strong."""
    shares: list[float] = []
    for take in takes:
        strength, beside = take.shape(name), take.shape(along)
        strong = strength > max(0.3, 0.7 * reach(strength))
        calm = strength < RESTING
        rest = float(np.median(beside[calm])) if calm.sum() > 3 else 0.0
        shares.extend(((beside[strong] - rest) / strength[strong]).tolist())
    return float(np.median(shares)) if len(shares) > 5 else 0.0


def _share_of_winks(takes: Sequence[Take], name: str, along: str) -> float | None:
    """Median share of the other lid in a wink; None where nobody winked with this one."""
    shares: list[float] = []
    for take in shown_in(name, takes):
        if take.label in ("blink", f"wink {along[8:].lower()}"):
            continue
        strength, beside = take.shape(name), take.shape(along)
        winks = (strength - beside > NAMED) & (strength > 0.6)
        shares.extend((beside[winks] / strength[winks]).tolist())
    return float(np.median(shares)) if len(shares) > 5 else None


def separation(takes: Sequence[Take]) -> float | None:
    """How far apart the lids are at the height of a wink, the less clear side; None where nobody winked."""
    apart: list[float] = []
    for one, other in (SIDES, SIDES[::-1]):
        differences = [
            take.shape(f"eyeBlink{one}") - take.shape(f"eyeBlink{other}")
            for take in takes
            if take.label in ("lids", "free", f"wink {one.lower()}")
        ]
        if not differences:
            return None
        apart.append(max(reach(values) for values in differences))
    return max(0.0, min(apart))
