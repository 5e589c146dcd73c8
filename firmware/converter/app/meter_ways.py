"""Where a frame of the way up goes, and which meters it reaches. Loaded for each request that
wants to know (app.seldom).
"""

import config

from converter.link import cjt188
from converter.model import events
from converter.store.archive import Archive
from converter.store.record import UNKNOWN, UNREADABLE

_CJT188 = "services_cjt188"


def route(node, frame):
    # (bus, line) of the meter that a CJ/T 188 frame is for, or None.
    address = bytes(frame[cjt188.ADDRESS : cjt188.CONTROL])
    if address == cjt188.ANY:
        return _only(node)
    try:
        if not archive(node).has(address):
            return None
    except OSError:
        return None
    for number, meter in _meters(node):
        if meter.asked.address == address:
            return number, meter.line
    # Somebody has added it: on the first bus, with that one's line.
    return (0, config.BUSES[0][0][3:]) if config.BUSES else None


def transparent(node, who):
    # (bus, line, pause) of the point that is only passed through to; of the converter, of its
    # only one. None where there is none, or several.
    found = None
    for number, bus in enumerate(config.BUSES):
        for point, baud, parity, quiet_ms in bus[4]:
            if who in (0, point):
                if found:
                    return None
                found = number, (baud, parity), quiet_ms
    return found


def valve(node, point, to):
    # The job that moves the valve of a point's meter ("open", "close"); None when it has none
    # that we know how to move, or moving it would let gas flow.
    from converter.app import services_cjt188

    for number, meter in _meters(node):
        if meter.number == point:
            out = bytearray(32)
            n = services_cjt188.build(out, meter.asked, "valve", (to,), None)
            if n:
                return number, meter.line, 0, bytes(out[:n]), meter
            node.buses[number].refuse(number, int.from_bytes(meter.asked.address[:4], "little"))
    return None


def archive(node):
    # OSError while the keeper cannot tell.
    asked = [meter.asked for _, meter in _meters(node)]
    own = b"".join([bytes((each.meter_type,)) + each.address for each in asked])
    found = Archive(node.files, node.own, own)
    problem = found.load()
    if problem == UNKNOWN:
        raise OSError(problem)
    if problem == UNREADABLE:
        node.record_event(events.RECORD_LOST, problem)
        found.add(b"")  # told once: from now on it holds the community's again
    return found


def manage(node, data, out, at, polynomial):
    # As station.archive.serve.
    from converter.station import archive as management

    def changed(count, rows):
        node.record_event(events.ARCHIVE_CHANGED, count, rows)

    try:
        return management.serve(archive(node), changed, data, out, at, polynomial)
    except OSError:
        return 0


def take_over(node):
    # What another board's archive was, begins anew with the community's.
    found = archive(node)
    if found.is_foreign:
        found.take_over()


def replace(node, old, new):
    # A meter was exchanged: rows of type and address. Only a list that somebody has changed still
    # holds the old one.
    found = archive(node)
    if found.has(old[1:]):
        found.delete(old)
        found.add(new)


def _meters(node):
    # (bus, meter) of each CJ/T 188 meter that is polled.
    for number, bus in enumerate(node.buses):
        for meter in bus.meters:
            if meter.link.SERVICES == _CJT188:
                yield number, meter


def _only(node):
    # Every meter would answer: where there are more, they would all at once.
    if sum([len(bus[4]) + len(bus[5]) for bus in config.BUSES]) != 1:
        return None
    for number, meter in _meters(node):
        return number, meter.line
    return None
