"""The pins of a communication module: power, reset, SET, EVENT (ours) and STA (the module's).

Each is (GPIO, active level), or None where the board does not have it. Of STA both edges count.
"""

import machine


class ModulePins:
    def __init__(self, power, reset, set_, event, sta):
        self.power = _output(power)
        self.reset = _output(reset)
        self.set = _output(set_)
        self.event = _output(event)
        self.sta_edges = 0  # since somebody made it 0
        self._sta = None
        if sta:
            self._sta = machine.Pin(sta[0], machine.Pin.IN)
            self._handler = self._edge  # bound once: binding allocates, an interrupt may not
            self._sta.irq(self._handler, machine.Pin.IRQ_RISING | machine.Pin.IRQ_FALLING)

    def _edge(self, pin):
        self.sta_edges += 1


def _output(wired):
    # A function of whether it is to be active.
    if not wired:
        return _nothing
    gpio, active = wired
    pin = machine.Pin(gpio, machine.Pin.OUT, value=1 - active)
    return lambda on: pin.value(active if on else 1 - active)


def _nothing(on):
    pass
