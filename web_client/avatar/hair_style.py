"""The cut of Minamo's hair: where each lock grows and hangs. Numbers only; hair.py makes the locks."""

from dataclasses import dataclass

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


def _bang(middle: float, tip: float, height: float, half_width: float, lift: float = 0.0, chain: str = "head") -> Lock:
    """A fringe lock from the parting over the forehead, its tip at a height above the chin."""
    side = middle - PARTING
    guide = [
        (PARTING + side * 0.35, 0.2330, 0.0200 + lift),
        (PARTING + side * 0.75, 0.2200, 0.0225 + lift),
        (middle, 0.1900, 0.0220 + lift),
        (middle + (tip - middle) * 0.45, 0.42 * 0.1900 + 0.58 * height, 0.0165 + lift),
        (tip, height, 0.0075 + lift * 0.5),
    ]
    return Lock(guide, half_width, chain, 0.34, 0.62)


FRINGE = [
    _bang(-52, -64, 0.088, 0.0165, 0.000, "fringeRight"),
    _bang(-38, -52, 0.106, 0.0185, 0.002, "fringeRight"),
    _bang(-20, -36, 0.1165, 0.0200, 0.004, "fringeMiddle"),
    _bang(-4, -15, 0.1215, 0.0180, 0.002, "fringeMiddle"),
    _bang(8, -3, 0.1090, 0.0150, 0.004, "fringeMiddle"),
    _bang(22, 27, 0.1235, 0.0180, 0.002, "fringeLeft"),
    _bang(39, 52, 0.107, 0.0185, 0.004, "fringeLeft"),
    _bang(53, 64, 0.088, 0.0165, 0.001, "fringeLeft"),
    _bang(31, 40, 0.1150, 0.0150, 0.0030, "fringeLeft"),
    _bang(-28, -45, 0.1230, 0.0085, 0.0070),
    _bang(-8, -20, 0.1320, 0.0070, 0.0062),
    _bang(17, 18, 0.1300, 0.0085, 0.0065),
]

# fmt: off
SIDES = [  # her left; mirrored for the right
    Lock([(34, 0.233, 0.020), (54, 0.216, 0.020), (67, 0.165, 0.021), (71, 0.105, 0.015), (67, 0.040, 0.012),
          (61, -0.025, 0.018), (58, -0.085, 0.017), (63, -0.140, 0.008)], 0.0165, "sideLeft", 0.50),
    Lock([(40, 0.233, 0.020), (64, 0.214, 0.020), (77, 0.165, 0.024), (80, 0.100, 0.019), (77, 0.045, 0.015),
          (70, -0.010, 0.018), (67, -0.060, 0.012)], 0.0120, "sideLeft", 0.50),
    Lock([(46, 0.234, 0.020), (76, 0.214, 0.021), (90, 0.165, 0.026), (94, 0.095, 0.023), (93, 0.035, 0.019),
          (90, -0.015, 0.022), (86, -0.050, 0.030)], 0.0230, "sideLeft", 0.45),
    Lock([(60, 0.234, 0.020), (94, 0.214, 0.021), (108, 0.160, 0.027), (112, 0.095, 0.026), (112, 0.030, 0.022),
          (110, -0.020, 0.026), (104, -0.058, 0.036)], 0.0250, "sideLeft", 0.42),
]
BACK = [  # her left; mirrored for the right
    Lock([(70, 0.235, 0.020), (112, 0.212, 0.022), (121, 0.155, 0.029), (126, 0.065, 0.030), (132, -0.030, 0.036),
          (136, -0.140, 0.052), (132, -0.225, 0.058), (124, -0.265, 0.066)], 0.0320, "backLeft", 0.40),
    Lock([(90, 0.235, 0.020), (130, 0.212, 0.022), (138, 0.152, 0.030), (143, 0.055, 0.031), (147, -0.055, 0.038),
          (150, -0.180, 0.058), (146, -0.275, 0.058), (138, -0.325, 0.060)], 0.0340, "backLeft", 0.38),
    Lock([(112, 0.236, 0.020), (150, 0.212, 0.022), (156, 0.152, 0.031), (160, 0.055, 0.034), (163, -0.065, 0.042),
          (166, -0.205, 0.062), (163, -0.305, 0.060), (156, -0.365, 0.058)], 0.0350, "backMiddleLeft", 0.38),
]
MIDDLE_BACK = [
    Lock([(150, 0.236, 0.020), (172, 0.212, 0.021), (178, 0.152, 0.030), (180, 0.055, 0.036), (180, -0.065, 0.045),
          (180, -0.205, 0.065), (178, -0.320, 0.064), (172, -0.390, 0.058)], 0.0360, "backMiddleLeft", 0.38),
]
TAILS = [  # two little tails tied high at the sides; her left, mirrored for the right
    Lock([(98, 0.206, 0.022), (99, 0.207, 0.044), (98, 0.190, 0.074), (96, 0.145, 0.092), (95, 0.080, 0.097),
          (96, 0.015, 0.088), (99, -0.040, 0.068)], 0.0220, "tailLeft", 0.70, 0.42),
    Lock([(94, 0.204, 0.024), (93, 0.204, 0.046), (88, 0.184, 0.070), (85, 0.140, 0.082), (84, 0.085, 0.083),
          (85, 0.040, 0.072)], 0.0150, "tailLeft", 0.60, 0.45),
    Lock([(104, 0.205, 0.022), (106, 0.205, 0.044), (108, 0.186, 0.070), (109, 0.140, 0.086), (108, 0.075, 0.090),
          (106, 0.025, 0.078)], 0.0170, "tailLeft", 0.60, 0.45),
]
AHOGE = [
    Lock([(14, 0.231, 0.012), (16, 0.2315, 0.033), (30, 0.230, 0.050), (52, 0.225, 0.057), (66, 0.217, 0.051),
          (72, 0.208, 0.040)], 0.0085, "ahoge", 0.45, 0.6),
]


def _fringe_chain(bearing: float) -> Guide:
    return [(bearing * 0.9, 0.190, 0.0205), (bearing, 0.160, 0.018), (bearing * 1.15, 0.115, 0.010)]


def _sided(sign: int) -> dict[str, Guide]:
    side = "Left" if sign > 0 else "Right"
    return {
        f"side{side}": [(sign * 78, 0.120, 0.020), (sign * 77, 0.060, 0.016), (sign * 73, 0.000, 0.017),
                        (sign * 68, -0.055, 0.018), (sign * 63, -0.140, 0.008)],
        f"tail{side}": [(sign * 99, 0.206, 0.042), (sign * 97, 0.165, 0.084), (sign * 95, 0.100, 0.096),
                        (sign * 96, 0.035, 0.091), (sign * 99, -0.035, 0.070)],
        f"back{side}": [(sign * 133, 0.065, 0.030), (sign * 140, -0.035, 0.037), (sign * 144, -0.130, 0.052),
                        (sign * 142, -0.215, 0.058), (sign * 134, -0.300, 0.062)],
        f"backMiddle{side}": [(sign * 165, 0.065, 0.034), (sign * 168, -0.055, 0.042), (sign * 170, -0.165, 0.058),
                              (sign * 170, -0.275, 0.062), (sign * 164, -0.370, 0.060)],
    }


CHAINS: dict[str, Guide] = {
    "fringeLeft": _fringe_chain(38),
    "fringeMiddle": _fringe_chain(-8),
    "fringeRight": _fringe_chain(-42),
    **_sided(1),
    **_sided(-1),
    "ahoge": [(15, 0.2312, 0.024), (34, 0.229, 0.052), (70, 0.210, 0.043)],
}
# fmt: on
