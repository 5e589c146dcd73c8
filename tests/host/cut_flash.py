"""Record keepers on littlefs, over NOR that refuses what NOR refuses and loses power when told."""

from functools import cache

from littlefs import LittleFS, LittleFSError, lfs
from littlefs.context import UserContext

from tests.unit.chips import Nor

_IO_ERROR = -5
_SECTORS = 16
# As MicroPython mounts it (extmod/vfs_lfsx.c): the cache decides what stays in directory blocks,
# the cycles how often these move.
MICROPYTHON = {
    "read_size": 32,
    "prog_size": Nor.PAGE,
    "block_size": Nor.SECTOR,
    "cache_size": 4 * Nor.PAGE,
    "lookahead_size": 32,
    "block_cycles": 100,
    "disk_version": 0x0002_0001,
}


class NorContext(UserContext):
    """A chip as littlefs sees it. It swallows what the chip raises: ask `chip.sound()`."""

    def __init__(self, chip):
        self._chip = chip

    def read(self, cfg, block, off, size):
        at = block * Nor.SECTOR + off
        return self._chip.contents[at : at + size]

    def prog(self, cfg, block, off, data):
        return self._done(self._chip.program, block * Nor.SECTOR + off, data)

    def erase(self, cfg, block):
        return self._done(self._chip.erase, block * Nor.SECTOR)

    def sync(self, cfg):
        return _IO_ERROR if self._chip.dead else 0

    def _done(self, operation, *arguments):
        try:
            return 0 if operation(*arguments) else _IO_ERROR
        except AssertionError:
            return _IO_ERROR


class LittlefsKeeper:
    """A record keeper as hal/keeper_file.py."""

    def __init__(self, chip, fresh=False):
        self.chip = chip
        self._mount(fresh)

    def _mount(self, fresh=False):
        blocks = len(self.chip.contents) // Nor.SECTOR
        self._fs = LittleFS(NorContext(self.chip), mount=False, block_count=blocks, **MICROPYTHON)
        if fresh:
            self._fs.format()
        self._fs.mount()

    def load(self, name):
        try:
            with self._fs.open(name, "rb") as f:
                return f.read() or None
        except FileNotFoundError:
            return None

    def commit(self, name, data):
        # The plain functions: the file object would close itself a second time after a failed
        # close, which littlefs takes for a fault of its user and aborts.
        try:
            file = lfs.file_open(self._fs.fs, name, "wb")
            try:
                lfs.file_write(self._fs.fs, file, bytes(data))
            finally:
                lfs.file_close(self._fs.fs, file)
        except LittleFSError as error:
            if not self.chip.dead:
                # What is left of a failed commit in its cache trips an assertion in the next one.
                # MicroPython's littlefs has none, and goes on: see tests/unit/vfs_flash.py.
                self._mount()
            raise OSError(-error.code) from error

    def mkdir(self, name):
        self._fs.mkdir(name)


def keeper_on_littlefs(contents=None, cut=None, seed=0):
    """A maker for campaigns (tests/unit/cutting.py)."""
    return LittlefsKeeper(Nor(_SECTORS, contents or _formatted(), cut, seed))


@cache
def _formatted():
    chip = Nor(_SECTORS)
    LittlefsKeeper(chip, fresh=True)
    chip.sound()
    return bytes(chip.contents)
