"""The default avatar: Minamo, a humanoid drawn entirely by this package with numpy, in the public domain (CC0).

Axes are glTF's: right-handed, +Y up, the character faces +Z, her left is +X; lengths are metres, angles radians.
"""
