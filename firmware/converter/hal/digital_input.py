"""A contact that is looked at, not counted: tamper switch, cable loop."""

import machine


class DigitalInput:
    def __init__(self, gpio, active, pull_up):
        pull = machine.Pin.PULL_UP if pull_up else None
        self._pin = machine.Pin(gpio, machine.Pin.IN, pull)
        self._active = active

    def level(self):
        # 1 when the contact is at its active level.
        return 1 if self._pin() == self._active else 0
