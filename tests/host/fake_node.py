"""A test instrument: a node whose converter is a few lines of Python, with faults to order."""

from sibiao.sim.bcd import get_bcd, put_bcd
from sibiao.sim.quantity import Quantity

from tests.host.virtual_clock import VirtualClock, null_modem

MS = 1_000_000
S = 1_000_000_000

# Where a heat meter's answer (from its 68H on) has what, and in which digits.
_HEAT_FIELDS = {
    "heat": (19, 4, -2, "kWh"),
    "power": (24, 4, -2, "kW"),
    "flow": (29, 4, -4, "m3/h"),
    "volume": (34, 4, -2, "m3"),
    "supply_temperature": (39, 3, -2, "°C"),
    "return_temperature": (42, 3, -2, "°C"),
}


class FakeNode:
    """Boots for `boot_ns`, then polls the heat meter every 2 s, counts pulses, answers reads."""

    kind = "vm"

    def __init__(self, scene, boot_ns=S):
        self.clock = VirtualClock()
        self.lose_pulse = 0  # the n-th pulse is not counted
        self.mute_every = 0  # each n-th read is not answered
        self.shift = {}  # name of a reading -> added to its value
        self.dead = False
        self.closed = False
        self._scene = scene
        self._lines = {
            scene.uplink.uart: null_modem(self.clock),
            scene.heat.uart: null_modem(self.clock),
        }
        self._pins = {}
        self._contact_changed_ns = 0
        self._contact_reached = 1
        self._pulses_seen = self._pulses = self._reads = 0
        self._values = {}
        self._asked = bytearray()
        self._answered = bytearray()
        self._registers = {(scene.pulses.address, scene.pulses.di): (scene.pulses, "pulses")}
        for w in scene.points:
            truth = "volume of water" if w.meter == "water" else w.truth
            for item in (w.read, w.register):
                self._registers[item.address, item.di] = (item, truth)
        self.clock.call_later(boot_ns, self._boot)

    def line(self, uart):
        return self._lines[uart][1]

    def set_pin(self, gpio, level):
        if self._pins.get(gpio) == level:
            return
        self._pins[gpio] = level
        self._contact_changed_ns = changed_ns = self.clock.now_ns
        self.clock.call_later(10 * MS, lambda: self._contact_held(changed_ns, level))

    def get_pin(self, gpio):
        return self._pins[gpio]

    def run(self, span_ns):
        self.clock.run(span_ns)

    def run_until(self, done, limit_ns):
        return self.clock.run_until(done, limit_ns)

    def close(self):
        self.closed = True

    def _boot(self):
        self._lines[self._scene.uplink.uart][0].on_byte = self._on_uplink
        self._lines[self._scene.heat.uart][0].on_byte = self._on_bus
        self._poll()

    def _contact_held(self, changed_ns, level):
        if changed_ns != self._contact_changed_ns or level == self._contact_reached:
            return
        self._contact_reached = level
        if level == 0:
            self._pulses_seen += 1
            self._pulses += self._pulses_seen != self.lose_pulse

    def _poll(self):
        self._answered.clear()
        body = b"\x68\x20" + self._scene.heat.address + bytes.fromhex("01031F9007")
        self._lines[self._scene.heat.uart][0].send(body + bytes([sum(body) & 0xFF, 0x16]))
        self.clock.call_later(2 * S, self._poll)

    def _on_bus(self, byte):
        self._answered.append(byte)
        frame = bytes(self._answered).lstrip(b"\xfe")
        if len(frame) == 59:
            for name, (at, size, exponent, unit) in _HEAT_FIELDS.items():
                self._values[name] = Quantity(get_bcd(frame[at : at + size]), exponent, unit)

    def _on_uplink(self, byte):
        self._asked.append(byte)
        if len(self._asked) < 20:
            return
        frame = bytes(self._asked[4:])
        self._asked.clear()
        self._reads += 1
        muted = self.mute_every and self._reads % self.mute_every == 0
        if not self.dead and not muted:
            self.clock.call_later(25 * MS, lambda: self._answer(frame))

    def _answer(self, frame):
        di = bytes(b - 0x33 & 0xFF for b in frame[13:9:-1]).hex().upper()
        item, name = self._registers[frame[6:0:-1].hex(), di]
        water = self._scene.water
        if name == "pulses":
            value = Quantity(self._pulses, 0, "")
        elif name == "volume of water":
            litres = water.base_reading_l + self._pulses * water.litres_per_pulse
            value = Quantity(litres, -3, "m3")
        else:
            value = self._values.get(name)
        if value is None:
            body = frame[:8] + bytes([0xD1, 1, 0x02 + 0x33])
        else:
            number = value.at(-item.decimals, item.unit).value + self.shift.get(item.name, 0)
            data = bytes(b + 0x33 & 0xFF for b in put_bcd(number, item.size))
            body = frame[:8] + bytes([0x91, 4 + item.size]) + frame[10:14] + data
        self._lines[self._scene.uplink.uart][0].send(
            b"\xfe" * 4 + body + bytes([sum(body) & 0xFF, 0x16])
        )
