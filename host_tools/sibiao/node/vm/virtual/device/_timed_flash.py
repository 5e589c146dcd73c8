"""The board's flash with the time that its operations take, and a count of them."""

from _flash import ERASE_US, PROGRAM_US, Flash

import _chip
import _clock


class TimedFlash(Flash):
    made = None  # the one that was mounted

    def __init__(self, path, block_size, block_count, page_size):
        Flash.__init__(self, path, block_size, block_count, page_size)
        TimedFlash.made = self
        self.takes_time = False
        self.programs = 0
        self.erases = 0
        self.stopped_us = 0

    def _put(self, position, data):
        # The end is a power cut: what is not written by then never will be.
        if _clock.ended:
            self._dead = True
        result = Flash._put(self, position, data)
        if data is self._erased_block:
            self.erases += 1
            span_us = ERASE_US
        else:
            pages = len(data) // self._page_size
            self.programs += pages
            span_us = pages * PROGRAM_US
        if self.takes_time:
            self.stopped_us += span_us
            _chip.stop_cpu(span_us)
        return result
