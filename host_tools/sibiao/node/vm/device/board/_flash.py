"""The board's flash: a NOR memory in a file, with littlefs on it as the root.

The methods neither allocate nor raise: littlefs calls them from finalisers too, with the heap
locked. What fails is answered with -5 (EIO).
"""

import time

import _bench

_EIO = -5
# W25Q16JV, typical: a page, a sector.
PROGRAM_US = 700
ERASE_US = 60000
takes_time = False


class Flash:
    def __init__(self, path, block_size, block_count, page_size):
        self._file = open(path, "r+b")
        self._block_size = block_size
        self._block_count = block_count
        self._page_size = page_size
        self._page = bytearray(page_size)
        self._erased_page = b"\xff" * page_size
        self._erased_block = b"\xff" * block_size
        # The supply fails in the operation after this many more; negative: never.
        self._operations_left = -1
        self._dead = False
        _bench.handlers[_bench.CUT_FLASH_AFTER] = self._cut_after

    def _cut_after(self, _index, operations):
        self._operations_left = operations

    def readblocks(self, block, buf, offset=0):
        if self._dead:
            return _EIO
        self._file.seek(block * self._block_size + offset)
        self._file.readinto(buf)
        return 0

    def writeblocks(self, block, buf, offset=0):
        position = block * self._block_size + offset
        if self._dead:
            return _EIO
        # A page that is not erased would keep its zeros: no file system may count on that.
        self._file.seek(position)
        for _ in range(0, len(buf), self._page_size):
            self._file.readinto(self._page)
            if self._page != self._erased_page:
                return _EIO
        return self._put(position, buf)

    def ioctl(self, operation, arg):
        if operation == 4:
            return self._block_count
        if operation == 5:
            return self._block_size
        if operation == 6:
            return self._put(arg * self._block_size, self._erased_block)
        return 0

    def _put(self, position, data):
        if self._dead:
            return _EIO
        self._file.seek(position)
        if self._operations_left == 0:
            self._dead = True
            self._file.write(memoryview(data)[: len(data) // 2])
            _bench.send(_bench.FLASH_CUT)
            return _EIO
        self._operations_left -= 1
        self._file.write(data)
        if takes_time:
            erases = data is self._erased_block
            time.stop_us(ERASE_US if erases else len(data) // self._page_size * PROGRAM_US)
        return 0


def mount(path, block_size, block_count, page_size):
    """As the board's own start does: mount the root, format what cannot be mounted."""
    import vfs

    flash = Flash(path, block_size, block_count, page_size)
    try:
        root = vfs.VfsLfs2(flash, progsize=page_size)
    except OSError:
        vfs.VfsLfs2.mkfs(flash, progsize=page_size)
        root = vfs.VfsLfs2(flash, progsize=page_size)
    vfs.umount("/")
    vfs.mount(root, "/")
