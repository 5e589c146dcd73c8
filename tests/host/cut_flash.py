"""NOR flash that refuses what NOR refuses and loses power in the middle of a chosen operation."""

from littlefs import LittleFS, LittleFSError, lfs
from littlefs.context import UserContext

BLOCK, PAGE, BLOCKS = 4096, 256, 64
_IO_ERROR = -5


class CutFlash(UserContext):
    """`cut`: the first so many programs and erases succeed, the next is done by half, none after.

    A program may only clear bits, and only in whole aligned pages.
    """

    def __init__(self, contents=None, cut=None):
        self.contents = bytearray(contents or b"\xff" * BLOCK * BLOCKS)
        self.cut = cut
        self.operations = 0

    @property
    def dead(self):
        return self.cut is not None and self.operations > self.cut

    def _share(self, size):
        # How much of an operation of this size still happens.
        if self.dead:
            return 0
        self.operations += 1
        return size // 2 if self.dead else size

    def read(self, cfg, block, off, size):
        at = block * BLOCK + off
        return bytearray(self.contents[at : at + size])

    def prog(self, cfg, block, off, data):
        assert off % PAGE == 0 and len(data) % PAGE == 0, "not a whole aligned page"
        at = block * BLOCK + off
        for i in range(self._share(len(data))):
            assert data[i] & ~self.contents[at + i] == 0, "a program cannot set bits"
            self.contents[at + i] &= data[i]
        return _IO_ERROR if self.dead else 0

    def erase(self, cfg, block):
        n = self._share(BLOCK)
        at = block * BLOCK
        self.contents[at : at + n] = b"\xff" * n
        return _IO_ERROR if self.dead else 0

    def sync(self, cfg):
        return _IO_ERROR if self.dead else 0


class LittlefsKeeper:
    """A record keeper as hal/file_keeper.py, on littlefs over a `CutFlash`."""

    def __init__(self, flash, fresh=False):
        geometry = {"block_size": BLOCK, "block_count": BLOCKS, "prog_size": PAGE}
        self._fs = LittleFS(flash, mount=False, read_size=32, cache_size=PAGE, **geometry)
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
            lfs.file_write(self._fs.fs, file, bytes(data))
            lfs.file_close(self._fs.fs, file)
        except LittleFSError as error:
            raise OSError(5) from error
