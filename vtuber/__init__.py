"""A VTuber avatar driver: a camera in, a living avatar out."""

__version__ = "0.1.0"
