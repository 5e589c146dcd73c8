"""MicroPython only: the firmware's own file keeper on VfsLfs2, over NOR that can be cut."""

import os

from chips import Nor
from converter.hal.keeper_file import Keeper

_SECTORS = 16
_IO_ERROR = -5
_PLACE = "/cut"
_formatted = []


class BlockDevice:
    # Answers -5 and never raises: littlefs closes files with the heap locked.

    def __init__(self, chip):
        self._chip = chip

    def readblocks(self, block, buf, offset=0):
        if self._chip.dead:
            return _IO_ERROR
        at = block * Nor.SECTOR + offset
        buf[:] = memoryview(self._chip.contents)[at : at + len(buf)]
        return 0

    def writeblocks(self, block, buf, offset=0):
        if self._chip.dead:
            return _IO_ERROR
        return self._done(self._chip.program, block * Nor.SECTOR + offset, buf)

    def ioctl(self, op, argument):
        if op == 4:
            return len(self._chip.contents) // Nor.SECTOR
        if op == 5:
            return Nor.SECTOR
        if op == 6:
            return self._done(self._chip.erase, argument * Nor.SECTOR)
        return _IO_ERROR if self._chip.dead else 0

    def _done(self, operation, *arguments):
        try:
            return 0 if operation(*arguments) else _IO_ERROR
        except AssertionError:
            return _IO_ERROR  # the chip has noted it, see Chip.sound


def keeper_on_littlefs(contents=None, cut=None, seed=0):
    # A maker for campaigns (cutting.py); what was made before is unmounted.
    if not _formatted:
        blank = Nor(_SECTORS)
        os.VfsLfs2.mkfs(BlockDevice(blank), progsize=Nor.PAGE)
        blank.sound()
        _formatted.append(bytes(blank.contents))
    else:
        os.umount(_PLACE)
    chip = Nor(_SECTORS, contents or _formatted[0], cut, seed)
    os.mount(os.VfsLfs2(BlockDevice(chip), progsize=Nor.PAGE), _PLACE)
    keeper = Keeper(_PLACE + "/state")
    keeper.chip = chip
    return keeper
