"""The MToon materials by name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Material:
    """Colours are sRGB '#rrggbb'; a picture is multiplied by them."""

    lit: str
    shade: str
    outline: str = ""
    """Outline colour; empty for none."""
    outline_width: float = 0.0
    """Metres."""
    outline_picture: str = ""
    """Picture whose brightness scales the outline's width."""
    picture: str = ""
    both_sides: bool = False
    shift: float = -0.10
    """Where lit turns to shade: -1 all lit, +1 all shade."""
    rim: str = "#000000"


def _flat(code: str, picture: str = "") -> Material:
    """One colour in light and shade."""
    return Material(code, code, picture=picture, both_sides=True)


MATERIALS = {
    "face": Material("#ffffff", "#f6c4b8", "#a0605c", 0.0008, "outline", "face", shift=-0.22, rim="#201410"),
    "lid": _flat("#fbdfd3"),
    "skin": Material("#ffffff", "#f6c4b8", "#a0605c", 0.0007, picture="skin", shift=-0.12, rim="#201410"),
    "nail": Material("#ffc2c0", "#e89a9c", rim="#302020"),
    "hair": Material("#ffffff", "#b9aee0", "#4b3f86", 0.0011, picture="hair", shift=-0.08, rim="#2a2640"),
    "eyewhite": _flat("#ffffff", "eyewhite"),
    "iris": _flat("#ffffff", "iris"),
    "lash": _flat("#ffffff", "lash"),
    "line": _flat("#94484e"),
    "brow": _flat("#ffffff", "brow"),
    "mouth": _flat("#ffffff", "mouth"),
    "teeth": _flat("#fffafa"),
    "tongue": Material("#ffffff", "#f0c0c4", picture="tongue", both_sides=True),
    "blouse": Material(
        "#fdfcff", "#c3c0e4", "#6a67a0", 0.0009, picture="blouse", both_sides=True, shift=-0.05, rim="#181828"
    ),
    "navy": Material("#39427f", "#262c5c", "#14183a", 0.0009, both_sides=True, rim="#20264a"),
    "white": Material("#fdfcff", "#c3c0e4", both_sides=True),
    "coral": Material(
        "#ffffff", "#dc9aa8", "#8c2c48", 0.0008, picture="ribbon", both_sides=True, shift=-0.2, rim="#2a1414"
    ),
    "gold": Material("#ffd98a", "#d99a52", "#8a5626", 0.0006, rim="#332200"),
    "skirt": Material("#ffffff", "#a9a8d0", "#14183a", 0.0009, picture="skirt", both_sides=True, rim="#101428"),
    "sock": Material("#ffffff", "#a9a8d0", "#14183a", 0.0008, picture="sock", rim="#20264a"),
    "shoe": Material("#ffffff", "#b49aa4", "#2c1618", 0.0008, picture="shoe", rim="#332018"),
    "sole": Material("#4a2c2c", "#33201f", "#1c0e10", 0.0008),
}
