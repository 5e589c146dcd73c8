"""Whether a board is the one that a community is for, and its MicroPython new enough."""

from __future__ import annotations

from sibiao.board.slots import Look
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError

_OLDEST = [1, 25]
_MPY = 6


class OtherMicroPython(SibiaoError):
    """A new image would help."""


def check(found: Look, loaded: Loaded, port: str) -> None:
    mcu, chip = loaded.board.mcu, loaded.chip
    if found.platform != chip.platform or found.machine.split()[-1:] != [chip.machine]:
        raise SibiaoError(
            f"community {loaded.name!r} is for board {loaded.community.board!r} ({mcu}), and on "
            f"{port} there is: {found.machine or found.platform}; choose another port or community"
        )
    if found.implementation != "micropython" or found.version[:2] < _OLDEST or found.mpy != _MPY:
        version = ".".join(map(str, found.version))
        raise OtherMicroPython(
            f"the board on {port} runs {found.implementation} {version}, and MicroPython "
            f"{'.'.join(map(str, _OLDEST))} or later 1.x is needed: put a new image on it first"
        )
