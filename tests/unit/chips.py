"""Memory chips that refuse what theirs refuse, and lose power inside a chosen operation.

`cut`: so many operations succeed, the next is torn as `seed` says (0: not begun), none after.
Written for CPython and MicroPython alike; the same seed tears alike on both.
"""

from hashlib import sha256

from converter.hal.fram_i2c import FramI2c
from converter.hal.fram_keeper import FramKeeper
from converter.hal.fram_spi import FramSpi
from converter.store import events, history, parameters, presets, totals, writes

# Room for the records of the campaigns in cutting.py.
DIRECTORY = (
    ("total1", totals.SIZE),
    ("total2", totals.SIZE),
    ("events", events.SIZE),
    ("parameters", parameters.SIZE),
    ("writes", writes.SIZE),
    ("h0-0", history.SIZE),
    ("h1-0", history.SIZE),
    ("presets", presets.SIZE),
)


class Torn:
    """What power leaves of an operation: random bits, repeatable from a seed."""

    def __init__(self, seed):
        self._state = sha256(b"torn %d" % seed).digest()
        self._left = b""

    def take(self, n):
        while len(self._left) < n:
            self._state = sha256(self._state).digest()
            self._left += self._state
        taken, self._left = self._left[:n], self._left[n:]
        return taken

    def below(self, n):
        return int.from_bytes(self.take(3), "little") % n

    def bits(self, n):
        # n bytes as one number, in which a quarter, a half or three quarters of the bits are set.
        one, other = (int.from_bytes(self.take(n), "little") for _ in range(2))
        return (one & other, one, one | other)[self.below(3)]


class Chip:
    """Counts operations, and says which of them the power cut falls into."""

    def __init__(self, size, contents, cut, seed):
        self.contents = bytearray(contents or b"\xff" * size)
        self.cut = cut
        self.seed = seed
        self.operations = 0
        self.violation = None  # the first operation that the real chip would not have done

    @property
    def dead(self):
        return self.cut is not None and self.operations > self.cut

    def refuse(self, why):
        self.violation = self.violation or why
        raise AssertionError(why)

    def sound(self):
        # For those whose caller swallows errors, as a file system does.
        if self.violation:
            raise AssertionError(self.violation)

    def _torn(self):
        # None while there is power, else what is left of the operation that begins now.
        self.operations += 1
        return Torn(self.seed + 1000 * self.operations) if self.dead else None


class Nor(Chip):
    """Serial NOR: programs clear bits, in whole aligned pages; erases set a whole sector."""

    PAGE, SECTOR = 256, 4096

    def __init__(self, sectors, contents=None, cut=None, seed=0):
        super().__init__(sectors * self.SECTOR, contents, cut, seed)
        self.programs = self.erases = 0

    def program(self, address, data):
        # True when it was done; so has `erase`.
        if address % self.PAGE or len(data) % self.PAGE or not data:
            self.refuse(f"program of {len(data)} bytes at {address:#x}: not whole pages")
        for at in range(0, len(data), self.PAGE):
            if self.dead or not self._program_page(address + at, data[at : at + self.PAGE]):
                return False
        return True

    def _program_page(self, address, data):
        end = address + self.PAGE
        if end > len(self.contents):
            self.refuse(f"program at {address:#x}: beyond the chip")
        old = int.from_bytes(self.contents[address:end], "little")
        new = int.from_bytes(data, "little")
        if new & old != new:
            self.refuse(f"program at {address:#x}: sets bits that are cleared")
        self.programs += 1
        torn = self._torn()
        if torn:
            if not self.seed:
                return False
            # Cells lose their charge one by one: all over the page, or up to a place in it.
            reached = torn.bits(self.PAGE)
            if torn.below(2):
                reached = (1 << 8 * torn.below(self.PAGE)) - 1
            new = old ^ (old ^ new) & reached
        self.contents[address:end] = new.to_bytes(self.PAGE, "little")
        return not torn

    def erase(self, address):
        end = address + self.SECTOR
        if address % self.SECTOR or end > len(self.contents):
            self.refuse(f"erase at {address:#x}: no sector begins there")
        if self.dead:
            return False
        self.erases += 1
        torn = self._torn()
        if not torn:
            self.contents[address:end] = b"\xff" * self.SECTOR
        elif self.seed:
            # An erase first programs every cell to 0, then pulls all of them to 1.
            cells = torn.bits(self.SECTOR)
            old = int.from_bytes(self.contents[address:end], "little")
            cells = (cells & old, 0, cells)[torn.below(3)]
            self.contents[address:end] = cells.to_bytes(self.SECTOR, "little")
        return not torn


class Fram(Chip):
    """FRAM: every byte written is an operation, and stays as soon as it is clocked in."""

    def __init__(self, size=1024, contents=None, cut=None, seed=0):
        super().__init__(size, contents, cut, seed)

    def put(self, address, byte):
        if address >= len(self.contents):
            self.refuse(f"write at {address:#x}: it would wrap to the chip's beginning")
        if self.dead:
            return
        torn = self._torn()
        if not torn:
            self.contents[address] = byte
        elif self.seed:
            self.contents[address] = torn.take(1)[0]


class I2cBus:
    """As machine.I2C, with one FRAM on it."""

    def __init__(self, fram, device=0x50):
        self._fram = fram
        self._device = device

    def writeto_mem(self, device, address, buf, addrsize=8):
        self._address(device, addrsize)
        for i in range(len(buf)):
            self._fram.put(address + i, buf[i])
        self._address(device, addrsize)

    def readfrom_mem_into(self, device, address, buf, addrsize=8):
        self._address(device, addrsize)
        buf[:] = self._fram.contents[address : address + len(buf)]

    def _address(self, device, addrsize):
        assert addrsize == 16, addrsize
        if self._fram.dead or device != self._device:
            raise OSError(19)  # as a port names a missing acknowledge


class SpiBus:
    """As machine.SPI, mode 0, with one FRAM whose select pin is `select`. fram: None, none."""

    def __init__(self, fram):
        self._fram = fram
        self._selected = False
        self._command = b""
        self._enabled = False

    def select(self, level):
        if level and self._command[:1] == b"\x06":
            self._enabled = True
        elif level and self._command[:1] in (b"\x04", b"\x02"):
            self._enabled = False
        self._command = b""
        self._selected = not level

    def write(self, buf):
        assert self._selected
        for byte in buf:
            self._clock(byte)

    def readinto(self, buf):
        assert self._selected
        for i in range(len(buf)):
            buf[i] = self._clock(0)

    def _clock(self, byte):
        if self._fram is None or self._fram.dead:
            return 0xFF
        command = self._command
        if not command or (command[0] in (2, 3) and len(command) < 3):
            self._command = command + bytes((byte,))
            return 0xFF
        if command[0] == 5:
            return 2 if self._enabled else 0
        address = command[1] << 8 | command[2]
        self._command = bytes((command[0], address + 1 >> 8 & 0xFF, address + 1 & 0xFF))
        if command[0] == 3:
            return self._fram.contents[address]
        if command[0] == 2 and self._enabled:
            self._fram.put(address, byte)
        return 0xFF


def keeper_on_i2c(contents=None, cut=None, seed=0):
    # A maker for campaigns: a keeper after the start, with its `chip`.
    chip = Fram(8192, contents, cut, seed)
    keeper = FramKeeper(FramI2c(I2cBus(chip)), len(chip.contents), DIRECTORY)
    keeper.chip = chip
    return keeper


def keeper_on_spi(contents=None, cut=None, seed=0):
    chip = Fram(8192, contents, cut, seed)
    bus = SpiBus(chip)
    keeper = FramKeeper(FramSpi(bus, bus.select), len(chip.contents), DIRECTORY)
    keeper.chip = chip
    return keeper
