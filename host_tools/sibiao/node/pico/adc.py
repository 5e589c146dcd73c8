"""The emulator's ADC, with a start bit that clears itself and a round that goes round."""

from rp2040py.peripherals.adc import CS, CS_START_ONE, RPADC

_AINSEL = 7 << 12
# The temperature sensor's 706 mV at 27 degrees: RP2040 datasheet, 4.9.5.
_TEMPERATURE_RAW = 876


class Adc(RPADC):
    def __init__(self, mcu, name: str):
        super().__init__(mcu, name)
        self.channel_values[4] = _TEMPERATURE_RAW

    @property
    def _active_channel(self) -> int:
        return (self.cs & _AINSEL) >> 12

    @_active_channel.setter
    def _active_channel(self, channel: int) -> None:
        self.cs = self.cs & ~_AINSEL | channel % self.num_channels << 12

    def write_uint32(self, offset: int, value: int) -> None:
        super().write_uint32(offset, value)
        if offset == CS:
            self.cs &= ~CS_START_ONE
