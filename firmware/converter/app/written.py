"""At the start: what has been written into the converter is in force. Loaded by app.seldom."""

from converter.app import changes
from converter.model import events
from converter.store.record import ABSENT


def come_into_force(node):
    # Whether it was locked after wrong passwords.
    parameters = changes.Parameters(node.keeper, node.own)
    problem = parameters.load()
    if problem not in (None, ABSENT):
        node.record_event(events.RECORD_LOST, problem)
    baud, _, settlement = node.configured
    for point in node.points:
        point.address = parameters.address(point.identity)
    written = parameters.baud(changes.baud_code(baud))
    if written in changes.BAUDS:
        node.set_baud(changes.BAUDS[written])
    node.freezer.settlement = parameters.settlement(settlement[:2]) + settlement[2:]
    node.freezer.pattern = parameters.pattern
    changes.show_default(node, parameters)
    return parameters.guard[1]
