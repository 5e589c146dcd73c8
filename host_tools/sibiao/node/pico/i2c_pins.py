"""The pins of an I2C bus, for firmware that moves them itself.

MicroPython does so for messages without data, `scan()` for one: the controller cannot send those.
Which pins they are is learnt when the firmware hands them to the controller.
"""

from rp2040py.gpio_pin import GPIOPinState

from sibiao.node.i2c_bus import I2cBus


class I2cPins:
    """Finds start, bits and stop in what the node drives, and answers for the bus's chips."""

    def __init__(self, mcu, bus: I2cBus):
        self._mcu = mcu
        self._bus = bus
        self._data = self._clock = None
        self._unlisten: dict[bool, object] = {}
        self._levels = [1, 1]  # what the node lets clock and data be
        self._pulled = False
        self._driven: bool | None = None
        self._stand_by()

    def _stand_by(self) -> None:
        self._bit: int | None = None  # 0 to 7, 8 for the acknowledge; None when not addressed
        self._byte = 0
        self._is_address = False
        self._read_next = False
        self._sending = False
        self._left_to_clock = 0

    def use(self, gpio: int) -> None:
        """The firmware gave this pin to the controller: even ones are data, odd ones clock."""
        is_data = gpio % 2 == 0
        pin = self._mcu.gpio[gpio]
        if pin is (self._data if is_data else self._clock):
            return
        if is_data in self._unlisten:
            self._unlisten[is_data]()
        if is_data:
            self._data = pin
        else:
            self._clock = pin
        self._unlisten[is_data] = pin.add_listener(
            lambda now, before: self._changed(is_data, int(now != GPIOPinState.LOW))
        )

    def reset(self) -> None:
        """The chip starts anew: its pins are released. A chip that holds the line goes on."""
        held, left = self._pulled, self._left_to_clock
        self._stand_by()
        self._left_to_clock = left
        if held and not left:
            self._pull(False)

    @property
    def held_low(self) -> bool:
        """A line is low though the node lets it go."""
        return any(
            pin is not None and not pin._effective_raw_input_value
            for pin in (self._data, self._clock)
        )

    def hold_data(self, bits: int = 9) -> None:
        """A chip in the middle of an answer lost its master: it waits for the other clocks."""
        self._left_to_clock = bits
        self._pull(True)

    def _pull(self, low: bool) -> None:
        if self._data is None or low == self._pulled:
            return
        self._pulled = low
        pin = self._data
        if low:
            # The bench may drive the line, too, and goes on with it afterwards.
            self._driven = pin._raw_input_value if pin._driven else None
            pin.set_input_value(False)
        elif self._driven is None:
            pin.release_input()
        else:
            pin.set_input_value(self._driven)

    def _changed(self, is_data: bool, level: int) -> None:
        if self._levels[is_data] == level:
            return
        self._levels[is_data] = level
        if not is_data:
            (self._rose if level else self._fell)()
        elif self._levels[False] and not self._pulled:
            if level:
                self._bus.stop()
                self._stand_by()
            else:
                self._bit, self._is_address = -1, True
                self._sending = self._read_next = False

    def _rose(self) -> None:
        if self._bit is None:
            return
        if self._bit < 8 and not self._sending:
            self._byte = self._byte << 1 & 0xFF | self._levels[True]
        elif self._bit == 8 and self._sending and self._levels[True]:
            self._bit = None  # not acknowledged: the node wants no more

    def _fell(self) -> None:
        if self._left_to_clock:
            self._left_to_clock -= 1
            if not self._left_to_clock:
                self._pull(False)
            return
        if self._bit is None:
            return
        self._bit = 0 if self._bit == 8 else self._bit + 1
        if self._bit == 0:
            self._sending = self._sending or self._read_next
        if self._bit == 8:
            self._pull(not self._sending and self._taken())
        elif self._sending:
            if self._bit == 0:
                self._byte = self._bus.read()
            self._pull(not self._byte >> 7 - self._bit & 1)
        else:
            self._pull(False)

    def _taken(self) -> bool:
        """Eight bits came from the node; whether they are acknowledged."""
        if not self._is_address:
            return self._bus.write(self._byte)
        self._is_address = False
        read = bool(self._byte & 1)
        if not self._bus.start(self._byte >> 1, read):
            self._bit = None
            return False
        self._read_next = read
        return True
