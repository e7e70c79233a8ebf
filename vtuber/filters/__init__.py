"""One file here is one filter; see the README for how to add yours."""
