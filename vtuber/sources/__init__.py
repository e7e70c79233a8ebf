"""One file here is one source; see the README for how to add yours."""
