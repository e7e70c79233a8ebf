"""Measures a performer and a camera, and writes the profile that vtuber.profile reads."""
