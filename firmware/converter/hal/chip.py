"""What differs from chip to chip, as of the RP2040. The build puts in the numbers of the board's
chip (board_configs/chips), and what its chip does not need is not compiled."""

from micropython import const

RETAINED_0 = const(0x4005800C)  # three words that outlive a reset: registers, or with
RETAINED_1 = const(0x40058010)  # RTC_MEMORY places in the memory of machine.RTC
RETAINED_2 = const(0x40058014)
RTC_MEMORY = const(0)
PINS_FIXED = const(0)  # MicroPython takes no pins for UART, I2C and SPI
HARD_INTERRUPTS = const(1)  # Pin.irq has `hard`
UART_BUFFER = const(0)  # the smallest buffer that a UART takes
