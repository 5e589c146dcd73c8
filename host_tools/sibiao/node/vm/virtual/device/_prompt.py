"""The prompt in virtual time: waiting for a character is a wait as any other."""

import select

import _console

import _clock


class _Poller:
    def __init__(self):
        self._poll = select.poll()

    def register(self, stream, events):
        self._poll.register(stream, events)

    def ipoll(self, ms):
        # What the host types is there before it says so.
        if not self._poll.poll(0):
            _clock.idle_until(_clock.FAR_US)
        return self._poll.ipoll(0)


def run(raw):
    """boot.py, main.py and the prompt, as on the board."""
    _console._poller = _Poller()
    _console.run(raw)
