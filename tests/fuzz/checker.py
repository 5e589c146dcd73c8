"""What a sound frame is, said once more in a few lines that share nothing with the firmware."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A frame of the family: 68 … L … CS 16."""

    length_at: int
    overhead: int  # bytes of a frame without data
    most_data: int
    second_68_at: int | None = None

    def sound_at(self, data: bytes, at: int) -> bytes | None:
        """The whole, sound frame that begins here."""
        if data[at] != 0x68 or len(data) < at + self.overhead:
            return None
        size = data[at + self.length_at]
        frame = data[at : at + self.overhead + size]
        if size > self.most_data or len(frame) != self.overhead + size:
            return None
        if self.second_68_at is not None and frame[self.second_68_at] != 0x68:
            return None
        return frame if frame[-1] == 0x16 and sum(frame[:-2]) % 256 == frame[-2] else None

    def frames(self, data: bytes) -> list[bytes]:
        """Every sound frame of a transmission, from the left, none overlapping."""
        found = []
        at = 0
        while at < len(data):
            frame = self.sound_at(data, at)
            if frame is not None:
                found.append(frame)
            at += 1 if frame is None else len(frame)
        return found

    def sealed(self, frame: bytearray) -> None:
        """Make checksum, length and end fit again, whatever else is wrong."""
        if len(frame) >= self.overhead:
            frame[self.length_at] = (len(frame) - self.overhead) & 0xFF
            frame[-1] = 0x16
            frame[-2] = sum(frame[:-2]) % 256


DLT645 = Shape(length_at=9, overhead=12, most_data=200, second_68_at=7)
CJT188 = Shape(length_at=10, overhead=13, most_data=100)
