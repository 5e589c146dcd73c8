"""`sys` as the board's: what it says of its platform."""

import sys
from collections import namedtuple

import _pose

platform = _pose.platform
implementation = namedtuple("implementation", ("name", "version", "_machine", "_mpy"))(
    sys.implementation[0],
    sys.implementation[1],
    _pose.machine,
    sys.implementation._mpy,
)


def __getattr__(name):
    return getattr(sys, name)
