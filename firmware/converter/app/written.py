"""What has been written into the converter is in force, at the start and after a change. Loaded by
app.seldom."""

from converter.model import change, events
from converter.model.point import DEFAULT_PASSWORD
from converter.store.parameters import Parameters
from converter.store.record import ABSENT

BAUDS = {0x02: 600, 0x04: 1200, 0x08: 2400, 0x10: 4800, 0x20: 9600, 0x40: 19200}  # 17H


def come_into_force(node):
    # Whether it was locked after wrong passwords.
    parameters = Parameters(node.keeper, node.own)
    problem = parameters.load()
    if problem not in (None, ABSENT):
        node.record_event(events.RECORD_LOST, problem)
    baud, _, settlement = node.configured
    for point in node.points:
        point.address = parameters.address(point.identity)
    written = parameters.baud(baud_code(baud))
    if written in BAUDS:
        node.set_baud(BAUDS[written])
    node.freezer.settlement = parameters.settlement(settlement[:2]) + settlement[2:]
    node.freezer.pattern = parameters.pattern
    show_default(node, parameters)
    return parameters.guard[1]


def baud_code(baud):
    for code in BAUDS:
        if BAUDS[code] == baud:
            return code
    return 0


def show_default(node, parameters):
    # Whether anybody who knows the default may write.
    status = node.points[0].status & ~DEFAULT_PASSWORD
    for level in (change.CLEARING, change.WRITING):
        if parameters.password(level) == b"\0\0\0":
            status |= DEFAULT_PASSWORD
    node.points[0].status = status
