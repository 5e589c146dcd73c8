"""Checks that no schema can say, a module a subject; each check gives problems."""
