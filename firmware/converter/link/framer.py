"""Bytes in, frames out, for every link: preamble, noise, two frames in one read, resynchronising.

A link supplies one pure function `frame_len(buf, start, end)`: the length of the complete, sound
frame that begins at start; 0 when it may become one with more bytes; -1 when none begins there.
"""


class Framer:
    def __init__(self, frame_len, size):
        # size: at least the longest frame plus its preamble.
        self._frame_len = frame_len
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
        # line has gone quiet: then what is unfinished will stay so, and a sound frame that lies
        # inside it is looked for.
        while self._start < self._end:
            n = self._frame_len(self._buf, self._start, self._end)
            if n > 0:
                frame = self._view[self._start : self._start + n]
                self._start += n
                return frame
            if n == 0 and not idle:
                return None
            self._start += 1
            self.skipped += 1
        self._start = self._end = 0
        return None

    def clear(self):
        self._start = self._end = 0
