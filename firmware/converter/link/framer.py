"""Bytes in, frames out, for every link: preamble, noise, two frames in one read, resynchronising.

A link supplies one pure function `frame_len(buf, start, end)`: the length of the complete, sound
frame that begins at start; 0 when it may become one with more bytes; -1 when none begins there.
"""


class Framer:
    def __init__(self, frame_len, size, ours=None):
        # size: at least the longest frame plus its preamble. ours(frame): whether a frame found
        # inside an unfinished one is worth giving that up for; without it every frame is.
        self._frame_len = frame_len
        self._ours = ours
        self._buf = bytearray(size)
        self._view = memoryview(self._buf)
        self._start = 0  # first byte not yet judged
        self._end = 0  # past the last byte received
        self.skipped = 0  # bytes that began no frame: preamble and noise

    def get_buffer(self):
        # Room to read into. Ends the life of the frame handed out before. Allocates a memoryview.
        if self._start:
            n = self._end - self._start
            self._buf[:n] = self._view[self._start : self._end]
            self._start, self._end = 0, n
        if self._end == len(self._buf):
            # No frame is this long: what begins here is noise that looks like a header.
            self._start = 1
            self.skipped += 1
            return self.get_buffer()
        return self._view[self._end :]

    def buffer_updated(self, n):
        self._end += n

    @property
    def pending(self):
        # Bytes received that are neither a frame yet nor noise for certain.
        return self._end - self._start

    def next_frame(self, idle):
        # The next frame as a memoryview, valid until get_buffer(), or None. idle says that the
        # line has paused: then a sound frame is also looked for inside what is unfinished, which
        # otherwise stays, for it may go on (DL/T 645 allows pauses of 500 ms within a frame).
        keep = self._end
        at = self._start
        while at < self._end:
            n = self._frame_len(self._buf, at, self._end)
            if n > 0:
                found = self._view[at : at + n]
                if keep < at and self._ours and not self._ours(found):
                    at += n  # data of the unfinished one, or somebody else's: neither ends it
                    continue
                self._skip_to(at)
                self._start += n
                return found
            if n == 0:
                keep = min(keep, at)
                if not idle:
                    break
            at += 1
        self._skip_to(keep)
        return None

    def _skip_to(self, at):
        self.skipped += at - self._start
        self._start = at
        if at == self._end:
            self._start = self._end = 0

    def clear(self):
        # Give up what is unfinished.
        self._skip_to(self._end)
