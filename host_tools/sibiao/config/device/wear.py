"""What a commit costs the flash: programs and erases of littlefs, as MicroPython mounts it.

Sizes are bytes of the record as committed. A record of up to 512 bytes stays in its folder's
directory block, which is erased when its 16 pages are full; so the records beside it count, too.
A longer one gets a block of its own, and so an erase, with every commit.
"""

import math
from collections.abc import Iterable

PAGE, BLOCK = 256, 4096
ENDURANCE = 100_000  # erases a block, by the data sheets of the Pico's flash and its like
# In one commit, the worst of a million: the directory was split or moved to fresh blocks.
WORST_PROGRAMS, WORST_ERASES = 13, 2

_IN_DIRECTORY = 512  # an eighth of a block, at most
_PAGES = BLOCK // PAGE
_SPLIT_PAGES = _PAGES // 2  # a directory that holds more than this is split at compaction
_SEALS = 24  # bytes that close a commit: checksums of it and of the page after it
_FILE = 16  # bytes beside a file's data: its name and two tags
_BLOCK_HEAD = 36  # bytes of a directory block besides files
_POINTER = 8  # bytes in place of the data of a file with blocks of its own


def erases_per_commit(size: int, beside: Iterable[int] = ()) -> float:
    """On average. `beside`: sizes of the other records in the folder.

    Measured to within 5 %; an upper bound where `beside` is so much that the folder is split.
    """
    return _own_blocks(size) + 1 / _commits_per_erase(size, beside)


def programs_per_commit(size: int, beside: Iterable[int] = ()) -> float:
    """Pages, on average; the page programs of the erase included."""
    period = _commits_per_erase(size, beside)
    in_directory = ((period - 1) * _pages_appended(size) + _pages_live(size, beside)) / period
    return in_directory + (math.ceil(size / PAGE) if _own_blocks(size) else 0)


def life_years(erases_per_hour: float, free_blocks: int, endurance: int = ENDURANCE) -> float:
    """Until the free blocks are worn out: littlefs spreads the erases over them, and them only."""
    return free_blocks * endurance / erases_per_hour / (24 * 365.25)


def _own_blocks(size: int) -> int:
    return 0 if size <= _IN_DIRECTORY else math.ceil(size / BLOCK)


def _stored(size: int) -> int:
    return _POINTER if _own_blocks(size) else size


def _pages_appended(size: int) -> int:
    return math.ceil((_stored(size) + _SEALS) / PAGE)


def _pages_live(size: int, beside: Iterable[int]) -> int:
    held = sum(_stored(s) + _FILE for s in (size, *beside))
    most = _SPLIT_PAGES + _pages_appended(size)
    return min(math.ceil((held + _BLOCK_HEAD) / PAGE), most)


def _commits_per_erase(size: int, beside: Iterable[int]) -> int:
    # Compaction writes what is live, this commit in it; the others fill the rest of the block.
    return 1 + (_PAGES - _pages_live(size, beside)) // _pages_appended(size)
