"""machine.ADC: voltages as the bench set them, at once and without noise."""

import _bench
import _pin

_FIRST_GPIO = 26
_TEMPERATURE = 4
# By input, 12 bits; the last is the temperature sensor's, at 27 degrees.
_raw = [0, 0, 0, 0, 876]


class ADC:
    CORE_TEMP = _TEMPERATURE

    def __init__(self, source):
        if isinstance(source, int) and 0 <= source <= _TEMPERATURE:
            self._input = source
        else:
            self._input = _pin.number(source) - _FIRST_GPIO
            if not 0 <= self._input < _TEMPERATURE:
                raise ValueError("Pin doesn't have ADC capabilities")

    def read_u16(self):
        _bench.pump()
        raw = _raw[self._input]
        return raw << 4 | raw >> 8

    def __repr__(self):
        return "<ADC channel=%d>" % self._input


def _on_analog(gpio, raw):
    _raw[gpio - _FIRST_GPIO] = raw


_bench.handlers[_bench.ANALOG] = _on_analog
