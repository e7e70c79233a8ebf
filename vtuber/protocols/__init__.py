"""One file here is one app's wire: bytes in, values out and back. No sockets, no clock, no axes but its own."""
