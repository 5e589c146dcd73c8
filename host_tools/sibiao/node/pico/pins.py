"""The node's pins from outside: levels driven in, levels read back, edges by appointment."""

from collections.abc import Callable, Iterable, Iterator

from rp2040py.gpio_pin import GPIOPinState

from sibiao.node.contract import Cancel


class Pins:
    def __init__(self, mcu, pios, notice: Callable[[], None]):
        self._mcu = mcu
        self._pios = pios
        self._clock = mcu.clock
        self._notice = notice

    def set(self, gpio: int, level: int) -> None:
        """Drive the pin from outside. Only a change of level is an edge."""
        pin = self._mcu.gpio[gpio]
        if bool(level) == pin._effective_raw_input_value:
            pin._driven = True
            pin._raw_input_value = bool(level)
        else:
            self._change(gpio, lambda: pin.set_input_value(bool(level)))

    def release(self, gpio: int) -> None:
        """Drive it no longer: its pull resistor decides."""
        pin = self._mcu.gpio[gpio]
        if pin._driven:
            level = pin._effective_raw_input_value
            pin._driven = False
            if pin._effective_raw_input_value != level:
                pin._driven = True
                self._change(gpio, pin.release_input)

    def _change(self, gpio: int, change: Callable[[], None]) -> None:
        for pio in self._pios:
            pio.catch_up()
        change()
        for pio in self._pios:
            pio.pin_changed(gpio)

    def get(self, gpio: int) -> int:
        """The level on the pin: what the node drives, else what is driven or pulled."""
        pin = self._mcu.gpio[gpio]
        if pin.output_enable:
            return int(pin.output_value)
        return int(pin._effective_raw_input_value)

    def watch(self, gpio: int, callback: Callable[[int], None]) -> Cancel:
        """Call `callback(level)` whenever the node changes what it drives."""

        def changed(now: GPIOPinState, before: GPIOPinState) -> None:
            if now in (GPIOPinState.LOW, GPIOPinState.HIGH):
                callback(int(now == GPIOPinState.HIGH))
                self._notice()

        return self._mcu.gpio[gpio].add_listener(changed)

    def edges(self, gpio: int, edges: Iterable[tuple[int, int]]) -> "EdgeTrain":
        return EdgeTrain(self, self._clock, gpio, iter(edges))


class EdgeTrain:
    """Levels put on a pin one after another, each `delay_ns` after the one before it."""

    def __init__(self, pins: Pins, clock, gpio: int, edges: Iterator[tuple[int, int]]):
        self.emitted = 0
        self.finished = False
        self._pins = pins
        self._gpio = gpio
        self._edges = edges
        self._level = 0
        self._alarm = clock.create_alarm(self._due)
        self._next()

    def cancel(self) -> None:
        self.finished = True
        self._alarm.cancel()

    def _next(self) -> None:
        edge = next(self._edges, None)
        if edge is None:
            self.finished = True
            self._pins._notice()
            return
        delay_ns, self._level = edge
        self._alarm.schedule(delay_ns)

    def _due(self) -> None:
        self._pins.set(self._gpio, self._level)
        self.emitted += 1
        self._next()
