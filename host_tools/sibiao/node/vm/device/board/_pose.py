"""Which chip the simulated board has: the RP2040, or what the bench makes of it.

As strict as that chip's MicroPython: pins, arguments and modules that it has not are refused.
"""

platform = "rp2"
machine = "Simulated board with RP2040"
gpios = range(30)
names = ("LED",)  # pins that have names, and their numbers here
named = (25,)
input_only = ()
no_pull = ()
uarts = {0: ((0, 12, 16, 28), (1, 13, 17, 29)), 1: ((4, 8, 20, 24), (5, 9, 21, 25))}
i2cs = {
    0: (range(1, 30, 4), range(0, 30, 4)),  # SCL, SDA
    1: (range(3, 30, 4), range(2, 30, 4)),
}
matrix = False  # any pin will do
pins_fixed = False  # no pins are taken
hard_interrupts = True
uart_buffer_least = 0
watchdog_most_ms = 8388
retained = (0x4005800C, 0x40058010, 0x40058014, 0x40058018)
rtc_memory = False
adc = range(26, 30)
counters = 0
pio_machines = 8


def become(chip):
    """chip: a dictionary of the above."""
    globals().update(chip)


def number(name):
    for place, known in enumerate(names):
        if known == name:
            return named[place]
    return -1


def pins(table, id, wanted):
    """ValueError unless the peripheral may have these pins, (name, number or None) in the order of
    the table's columns."""
    for place, (name, gpio) in enumerate(wanted):
        if gpio is not None and gpio not in (gpios if matrix else table[id][place]):
            raise ValueError("bad %s pin" % name)
