"""machine.ADC: voltages as the bench set them, at once and without noise."""

import _bench
import _pin
import _pose

_TEMPERATURE = 4
# 12 bits by the input's GPIO; the temperature sensor's at 27 degrees.
_raw = {-1: 876}


class ADC:
    CORE_TEMP = _TEMPERATURE

    def __init__(self, source):
        if source == _TEMPERATURE and _pose.platform == "rp2":
            self._gpio = -1
        elif isinstance(source, int) and source < _TEMPERATURE and _pose.platform == "rp2":
            self._gpio = _pose.adc[source]
        else:
            self._gpio = _pin.number(source)
            if self._gpio not in _pose.adc:
                raise ValueError("Pin doesn't have ADC capabilities")

    def read_u16(self):
        _bench.pump()
        raw = _raw.get(self._gpio, 0)
        return raw << 4 | raw >> 8

    def __repr__(self):
        return "<ADC gpio=%d>" % self._gpio


def _on_analog(gpio, raw):
    _raw[gpio] = raw


_bench.handlers[_bench.ANALOG] = _on_analog
