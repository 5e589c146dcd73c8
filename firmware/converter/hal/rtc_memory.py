"""Words in the memory of machine.RTC, for chips whose registers do not outlive a reset (ESP32)."""

import machine
from micropython import const

_BYTES = const(12)


class Words:
    def __init__(self):
        self._rtc = machine.RTC()
        kept = self._rtc.memory()
        # After the supply was away it is empty.
        self._bytes = bytearray(kept if len(kept) == _BYTES else _BYTES)

    def __getitem__(self, at):
        return int.from_bytes(self._bytes[at : at + 4], "little")

    def __setitem__(self, at, word):
        self._bytes[at : at + 4] = word.to_bytes(4, "little")
        self._rtc.memory(self._bytes)
