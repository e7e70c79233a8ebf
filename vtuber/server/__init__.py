"""The viewer's web server: pages, avatars and the live state, for this machine unless the user opens it to the LAN.

app.py holds the thread, access.py says who may talk, pages.py serves the files, room.py speaks Socket.IO, and
viewers.py decides what goes to whom and when.
"""

from vtuber.server.app import Server

__all__ = ["Server"]
