"""The cut of Minamo's hair: where each lock grows and hangs. Numbers only; hair.py makes the locks.

She wears it long and open, with the upper hair at the sides tied up into two tails, so that her ears are free.
"""

from dataclasses import dataclass

import numpy as np

Guide = list[tuple[float, float, float]]
"""Control points, root to tip: bearing (degrees, 0 front, + to her left), metres above the chin and over the scalp."""


@dataclass(frozen=True)
class Lock:
    """One lock of hair."""

    guide: Guide
    half_width: float
    chain: str = "head"
    """The bone it is fastened to, or the spring chain it swings with."""
    thickness: float = 0.42
    """Half thickness as a share of the half width."""
    root: float = 0.55
    """Width at the root as a share of the widest."""


PARTING = 14.0
"""Bearing of the parting, degrees."""
TIE = (111.0, 0.204)
"""Bearing (degrees) and height over the chin (metres) of the left tail's tie."""


def _bang(middle: float, tip: float, height: float, half_width: float, lift: float = 0.0, chain: str = "head") -> Lock:
    """A fringe lock from the parting over the forehead, its tip at a height above the chin."""
    side = middle - PARTING
    guide = [
        (PARTING + side * 0.35, 0.2350, 0.0150 + lift),
        (PARTING + side * 0.75, 0.2200, 0.0225 + lift),
        (middle, 0.1900, 0.0220 + lift),
        (middle + (tip - middle) * 0.45, 0.42 * 0.1900 + 0.58 * height, 0.0165 + lift),
        (tip, height, 0.0075 + lift * 0.5),
    ]
    return Lock(guide, half_width, chain, 0.30, 0.62)


FRINGE = [
    _bang(-61, -70, 0.1000, 0.0140, -0.0010, "fringeRight"),
    _bang(61, 70, 0.1000, 0.0140, -0.0010, "fringeLeft"),
    _bang(-53, -65, 0.0900, 0.0165, 0.0000, "fringeRight"),
    _bang(-40, -54, 0.1060, 0.0185, 0.0030, "fringeRight"),
    _bang(-31, -40, 0.1180, 0.0120, 0.0005, "fringeRight"),
    _bang(-20, -35, 0.1170, 0.0195, 0.0045, "fringeMiddle"),
    _bang(-4, -16, 0.1205, 0.0180, 0.0020, "fringeMiddle"),
    _bang(7, -3, 0.1080, 0.0150, 0.0045, "fringeMiddle"),
    _bang(16, 13, 0.1260, 0.0110, 0.0005, "fringeMiddle"),
    _bang(24, 30, 0.1215, 0.0170, 0.0025, "fringeLeft"),
    _bang(38, 50, 0.1080, 0.0185, 0.0045, "fringeLeft"),
    _bang(53, 65, 0.0900, 0.0165, 0.0010, "fringeLeft"),
    _bang(31, 41, 0.1130, 0.0130, 0.0030, "fringeLeft"),
    _bang(-28, -45, 0.1230, 0.0080, 0.0075),
    _bang(-9, -22, 0.1300, 0.0060, 0.0068),
    _bang(17, 20, 0.1300, 0.0075, 0.0070),
    _bang(44, 56, 0.1150, 0.0055, 0.0078),
]

# fmt: off
SIDES = [  # before the ear; her left, mirrored for the right
    Lock([(34, 0.233, 0.020), (54, 0.216, 0.020), (66, 0.165, 0.021), (69, 0.105, 0.015), (65, 0.040, 0.013),
          (60, -0.025, 0.019), (57, -0.090, 0.018), (61, -0.150, 0.010)], 0.0165, "sideLeft", 0.42),
    Lock([(40, 0.233, 0.020), (62, 0.214, 0.020), (74, 0.165, 0.022), (75, 0.105, 0.016), (71, 0.050, 0.012),
          (66, -0.005, 0.016), (64, -0.060, 0.014)], 0.0105, "sideLeft", 0.45),
    Lock([(36, 0.233, 0.021), (56, 0.216, 0.024), (63, 0.165, 0.026), (64, 0.105, 0.020), (61, 0.055, 0.017),
          (57, 0.010, 0.020), (58, -0.030, 0.016)], 0.0075, "sideLeft", 0.45),
]
# fmt: on


def _pulled(bearing: float, low: float, half_width: float, lift: float = 0.0) -> Lock:
    """Hair combed from its line round the ear up into the tie of the left tail."""
    tie, high = TIE
    guide = [
        (bearing, low, -0.003 + lift),
        (bearing + (tie - bearing) * 0.18, low + (high - low) * 0.30, 0.013 + lift),
        (bearing + (tie - bearing) * 0.50, low + (high - low) * 0.66, 0.021 + lift),
        (bearing + (tie - bearing) * 0.85, high - 0.007, 0.026 + lift),
        (tie, high, 0.036),
    ]
    return Lock(guide, half_width, "head", 0.30, 0.15)


PULLED = [  # her left; mirrored for the right
    _pulled(74, 0.112, 0.0160),
    _pulled(84, 0.110, 0.0165, 0.002),
    _pulled(94, 0.112, 0.0165, 0.000),
    _pulled(104, 0.104, 0.0165, 0.002),
    _pulled(114, 0.092, 0.0170, 0.001),
    _pulled(124, 0.090, 0.0150, 0.002),
]


def _fall(bearing: float, tip: float, low: float, half_width: float, chain: str, lift: float = 0.0) -> Lock:
    """A long lock from the crown, over the back of the head, straight down to `low`; `tip` is its bearing there."""
    behind = np.clip((bearing - 110) / 50, 0, 1)
    """Behind the head, where the nape goes in, the hair hangs farther from it than over the ears."""
    nape, hang = 0.027 + 0.027 * behind, 0.034 + 0.034 * behind
    heights = [0.2357, 0.213, 0.157, 0.070, *np.linspace(-0.030, low, 4)]
    bearings = [0.86 * bearing, 0.95 * bearing, bearing, bearing + 3, *np.linspace(bearing + 5, tip, 4)]
    offsets = [0.010, 0.020, 0.027, nape, hang, hang + 0.012, hang + 0.010, hang]
    guide = [(float(b), float(y), float(o + lift)) for b, y, o in zip(bearings, heights, offsets, strict=True)]
    return Lock(guide, half_width, chain, 0.34)


BACK = [  # her left; mirrored for the right
    _fall(116, 112, -0.130, 0.0200, "backLeft", -0.003),
    _fall(126, 124, -0.255, 0.0280, "backLeft", 0.004),
    _fall(139, 133, -0.335, 0.0300, "backLeft", -0.004),
    _fall(150, 150, -0.300, 0.0240, "backLeft", 0.007),
    _fall(160, 155, -0.385, 0.0310, "backMiddleLeft", -0.003),
    _fall(170, 173, -0.350, 0.0230, "backMiddleLeft", 0.008),
    # the layer beneath, which fills the gaps
    _fall(132, 128, -0.200, 0.0330, "backLeft", -0.016),
    _fall(152, 146, -0.290, 0.0360, "backMiddleLeft", -0.017),
]
MIDDLE_BACK = [
    _fall(180, 176, -0.410, 0.0320, "backMiddleLeft", -0.001),
    _fall(172, 182, -0.320, 0.0350, "backMiddleLeft", -0.018),
]


def _strand(turn_deg: float, apart: float, length: float, half_width: float) -> Lock:
    """A lock of the left tail, `apart` metres from its middle line towards `turn_deg` (0 outwards, 90 backwards)."""
    tie, high = TIE
    t = np.array([0.0, 0.06, 0.20, 0.42, 0.66, 0.85, 1.0]) * length
    height = np.interp(t, [0, 0.06, 0.2, 0.42, 0.66, 0.85, 1.0], [0.0, 0.004, -0.014, -0.066, -0.136, -0.190, -0.232])
    out = np.interp(t, [0, 0.06, 0.2, 0.42, 0.66, 0.85, 1.0], [0.020, 0.046, 0.075, 0.093, 0.096, 0.088, 0.072])
    spread = apart * np.array([0.10, 0.30, 0.72, 1.0, 0.95, 0.70, 0.40])
    a = np.radians(turn_deg)
    bearings = tie - 3 * t + np.degrees(spread * np.sin(a) / 0.14)
    offsets = out + spread * np.cos(a)
    guide = [(float(b), float(high + y), float(o)) for b, y, o in zip(bearings, height, offsets, strict=True)]
    return Lock(guide, half_width, "tailLeft", 0.48, 0.40)


TAILS = [  # two tails tied high at the sides; her left, mirrored for the right
    _strand(0, 0.010, 0.98, 0.0190),
    _strand(75, 0.019, 0.86, 0.0175),
    _strand(150, 0.018, 0.74, 0.0165),
    _strand(215, 0.018, 0.80, 0.0165),
    _strand(290, 0.019, 0.90, 0.0175),
    _strand(20, 0.024, 0.68, 0.0080),
    _strand(255, 0.004, 1.06, 0.0125),
]
# fmt: off
AHOGE = [
    Lock([(14, 0.231, 0.012), (16, 0.2315, 0.030), (30, 0.2305, 0.044), (52, 0.226, 0.047), (68, 0.218, 0.040),
          (78, 0.209, 0.028)], 0.0105, "ahoge", 0.34, 0.55),
    Lock([(16, 0.231, 0.012), (22, 0.2315, 0.024), (40, 0.229, 0.033), (62, 0.223, 0.033), (78, 0.215, 0.026)],
         0.0075, "ahoge", 0.34, 0.55),
]


def _fringe_chain(bearing: float) -> Guide:
    return [(bearing * 0.9, 0.190, 0.0205), (bearing, 0.160, 0.018), (bearing * 1.15, 0.115, 0.010)]


def _sided(sign: int) -> dict[str, Guide]:
    side = "Left" if sign > 0 else "Right"
    return {
        f"side{side}": [(sign * 72, 0.120, 0.019), (sign * 68, 0.060, 0.015), (sign * 63, 0.000, 0.017),
                        (sign * 59, -0.055, 0.018), (sign * 61, -0.145, 0.010)],
        f"tail{side}": [(sign * 111, 0.205, 0.042), (sign * 110, 0.172, 0.084), (sign * 109, 0.108, 0.096),
                        (sign * 108, 0.040, 0.092), (sign * 108, -0.028, 0.072)],
        f"back{side}": [(sign * 132, 0.065, 0.042), (sign * 138, -0.035, 0.052), (sign * 138, -0.130, 0.062),
                        (sign * 136, -0.215, 0.060), (sign * 132, -0.300, 0.052)],
        f"backMiddle{side}": [(sign * 163, 0.065, 0.052), (sign * 166, -0.055, 0.066), (sign * 166, -0.165, 0.078),
                              (sign * 166, -0.275, 0.076), (sign * 164, -0.370, 0.066)],
    }


CHAINS: dict[str, Guide] = {
    "fringeLeft": _fringe_chain(38),
    "fringeMiddle": _fringe_chain(-8),
    "fringeRight": _fringe_chain(-42),
    **_sided(1),
    **_sided(-1),
    "ahoge": [(15, 0.2312, 0.024), (34, 0.2295, 0.044), (72, 0.213, 0.034)],
}
# fmt: on
