"""One file here is one output; see the README for how to add yours."""
