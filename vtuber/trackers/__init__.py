"""One file here is one tracker; see the README for how to add yours."""
