"""The one kind of error that reaches a user."""


class SibiaoError(Exception):
    """What is wrong, where, and what to do about it: one sentence or two, shown as they stand."""
