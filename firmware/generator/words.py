"""A pulse train as the generator plays it, for both ends: a 32-bit word a change, little-endian.

Bits 0 to 3: the channels whose contact is closed. Bits 4 to 31: for how many microseconds, less 1.
"""

from micropython import const

CHANNELS = const(4)
BLOCK_WORDS = const(256)  # that one line carries at most
WORD_BYTES = const(4)
LONGEST_US = const(1 << 28)
VERSION = const(1)  # of words and lines
# After the train the last contacts stay for so long: time to see that it was played to its end.
_REST = const(0xFFFFFFF0)


def word(closed, us):
    """closed: 0 to 15; us: 1 to LONGEST_US."""
    if not 0 < us <= LONGEST_US or not 0 <= closed < 1 << CHANNELS:
        raise ValueError("no word: contacts %d for %d us" % (closed, us))
    return (us - 1) << CHANNELS | closed


def rest(closed):
    return _REST | closed
