"""Another meter on the bus at a point: asked first, then kept with both readings as one event.
(app.seldom loads it.)

exchange POINT ADDRESS              ask whoever has the address, as the point's profile says
exchange POINT ADDRESS OLD EXPONENT UNIT
                                    and from now on the point is that meter's. OLD: the dial of the
                                    old one, where the converter knows no reading of it

ADDRESS: hexadecimal; CJ/T 188: as on the wire. M-Bus: primary (1 byte), then secondary as selected
(none, 8 or 12 bytes).
"""

from binascii import unhexlify

from micropython import const

from converter.app import bus_job, exchanged
from converter.codec.scale import rescale
from converter.link import master
from converter.model import events
from converter.model.plausible import Index
from converter.store import presets
from converter.store.exchanged import Exchanged

_LENGTHS = (1, 9, 13)  # M-Bus
_UNKNOWN = const(0xFFFFFFFFFFFFFFFF)
_MIDDLE = const(128)  # of an exponent in a byte


class _First(bus_job.Job):
    """The first reading of a meter at another address; it keeps that only if it is told to."""

    def __init__(self, meter, address, quantity, now_s):
        super().__init__(meter.line, b"", 0, 0)
        self.verdict = master.SILENT
        self.reading = None  # (value, exponent, unit) of the main index
        self._meter = meter
        self._address = address
        self._quantity = quantity
        self._now_s = now_s

    def publish(self, quantity, value, exponent, unit, time_s):
        if quantity == self._quantity and value is not None:
            self.reading = value, exponent, unit

    async def run(self, port, buffer, beat):
        meter = self._meter
        before = exchanged.address_of(meter)
        exchanged.put_address(meter, self._address)
        try:
            port.set_line(*self.line)
            self.verdict = await meter.link.ask(meter.asked, beat, True)
            if self.verdict == master.DONE:
                meter.link.read(meter.asked, self, self._now_s)
        finally:
            exchanged.put_address(meter, before)
            self.heard = buffer[:0]


async def exchange(node, beat, point, address, *told):
    number, meter, row = _find(node, int(point))
    address = unhexlify(address)
    if len(address) not in ((7,) if exchanged.is_cjt188(meter) else _LENGTHS):
        raise ValueError
    for bus, other, _ in exchanged.meters(node):
        if bus == number and other is not meter and exchanged.address_of(other) == address:
            return {"error": "point %d has that address" % other.number}
    job = _First(meter, address, meter.point.quantities[0], node.now_s())
    if not node.buses[number].post(job):
        return {"error": bus_job.BUSY}
    await job.wait(beat)
    if job.verdict != master.DONE:
        return {"error": "no meter answers at that address"}
    if job.reading is None:
        return {"error": "a meter answers there, and tells no index as the profile has it"}
    value, exponent, unit = job.reading
    said = {"exchange": meter.number, "new": value, "exponent": exponent, "unit": unit}
    if told:
        old, at = _old(meter.point, unit, *[int(each) for each in told])
        said["old"], said["old_exponent"] = old, at
        _keep(node, number, meter, row, address, said)
    return said


def _keep(node, number, meter, row, address, said):
    # Who did what is kept first: a cut between the two leaves an exchange told that did not
    # happen, never the reverse.
    found = Exchanged(node.files, node.own)
    found.load()
    exponent = min(said["exponent"], said["old_exponent"])
    new = rescale(said["new"], said["exponent"], exponent)
    old = said["old"]
    old = _UNKNOWN if old is None else rescale(old, said["old_exponent"], exponent)
    how = said["unit"] | exponent + _MIDDLE << 8
    node.presets.append(meter.number, presets.EXCHANGED, how, node.time_s(), old, new)
    before = exchanged.address_of(meter)
    found.put(meter.number, exchanged.configured(meter, row), address)
    exchanged.put_address(meter, address)
    meter.index = Index(*row[3]) if row[3] else None
    meter.left = meter.pause = 1
    point = meter.point
    for i in range(len(point.quantities)):  # the old meter's are nobody's now
        point.publish(point.quantities[i], None, 0, 0, node.now_s())
    if node.jobs and exchanged.is_cjt188(meter):
        kind = bytes((meter.asked.meter_type,))
        node.jobs("replace", kind + before, kind + address)
    node.record_event(events.PRESET, meter.number, node.presets.count - 1)
    node.status.commit_events()


def _old(point, unit, value, exponent, told_unit):
    # (value, exponent) of the old meter in the new one's unit: as the converter has it, else as
    # told; None where that is another unit.
    if point.value(0) is not None and point.unit(0) == unit:
        return point.value(0), point.exponent(0)
    return (value if told_unit == unit else None), exponent


def _find(node, point):
    for found in exchanged.meters(node):
        if found[1].number == point:
            return found
    raise ValueError
