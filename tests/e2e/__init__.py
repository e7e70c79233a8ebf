"""A package, so that its conftest.py and its modules have names of their own."""
