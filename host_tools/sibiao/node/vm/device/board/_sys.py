"""`sys` as the board's: what it says of its platform."""

import sys
from collections import namedtuple

platform = "rp2"
implementation = namedtuple("implementation", ("name", "version", "_machine", "_mpy"))(
    sys.implementation[0],
    sys.implementation[1],
    "Simulated board with RP2040",
    sys.implementation._mpy,
)


def __getattr__(name):
    return getattr(sys, name)
