"""All the painted pictures by the names that the materials use."""

from . import cloth_pictures, eye_pictures, hair_picture, skin_pictures
from .arrays import Floats


def paint() -> dict[str, Floats]:
    """Picture name -> (h, w, 3) in 0..1."""
    return {
        "face": skin_pictures.face(),
        "skin": skin_pictures.skin(),
        "outline": skin_pictures.outline(),
        "iris": eye_pictures.iris(),
        "eyewhite": eye_pictures.eye_white(),
        "lash": eye_pictures.lash(),
        "brow": eye_pictures.brow(),
        "mouth": eye_pictures.mouth(),
        "tongue": eye_pictures.tongue(),
        "hair": hair_picture.hair(),
        "blouse": cloth_pictures.blouse(),
        "ribbon": cloth_pictures.ribbon(),
        "skirt": cloth_pictures.skirt(),
        "sock": cloth_pictures.sock(),
        "shoe": cloth_pictures.shoe(),
    }
