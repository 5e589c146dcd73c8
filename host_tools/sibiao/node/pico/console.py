"""The host's end of the USB console: enumeration by the emulator, data as a real host moves it."""

from collections import deque
from collections.abc import Callable

from rp2040py.usb.cdc import USBCDC


class UsbConsole(USBCDC):
    """Answers an OUT endpoint only when there is something to send; until then it NAKs.

    The emulator's own host answers at once with an empty packet, and the device arms the endpoint
    again: 33 000 interrupts a second that a Pico never sees.
    """

    def __init__(self, usb, notice: Callable[[], None]):
        self._input: deque[int] = deque()
        self._output = bytearray()
        self._armed_size = 0
        self._notice = notice
        self.on_output: Callable[[bytes], None] | None = None
        super().__init__(usb)
        self._answer_now = usb.on_endpoint_read
        usb.on_endpoint_read = self._endpoint_armed
        self.on_serial_data = self._received
        self.on_device_connected = notice

    @property
    def connected(self) -> bool:
        """The firmware has enumerated since the last reset."""
        return self._initialized

    @property
    def pending(self) -> int:
        """Bytes written that the device has not taken yet."""
        return len(self._input)

    def write(self, data: bytes) -> None:
        self._input.extend(data)
        if self._armed_size:
            size, self._armed_size = self._armed_size, 0
            self._hand_over(size)

    def read(self) -> bytes:
        data = bytes(self._output)
        self._output.clear()
        return data

    def _received(self, data) -> None:
        if self.on_output is not None:
            self.on_output(bytes(data))
        else:
            self._output += data
        self._notice()

    def _endpoint_armed(self, endpoint: int, size: int) -> None:
        if endpoint != self._out_endpoint or endpoint <= 0:
            self._answer_now(endpoint, size)
        elif self._input:
            self._hand_over(size)
        else:
            self._armed_size = size

    def _hand_over(self, size: int) -> None:
        packet = bytes(self._input.popleft() for _ in range(min(size, len(self._input))))
        self.usb.endpoint_read_done(self._out_endpoint, packet)

    def _on_controller_reset(self) -> None:
        super()._on_controller_reset()
        # Off the bus: what was on its way to the device is lost.
        self._input.clear()
        self._armed_size = 0
