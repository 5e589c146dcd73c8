"""Whom the meters of a bus are asked as, where one was exchanged. (app.seldom loads it: at such a
start, and for app.meter_exchange.)"""

import config

from converter.model import events
from converter.store.exchanged import Exchanged


def come_into_force(node):
    # At the start. What cannot be read leaves the configured addresses, and is told.
    found = Exchanged(node.files, node.own)
    problem = found.load()
    if problem:
        node.record_event(events.RECORD_LOST, problem)
    for _, meter, row in meters(node):
        address = found.address(meter.number, configured(meter, row))
        if address:
            put_address(meter, address)


def take_over(node):
    # What another board's record said begins anew.
    found = Exchanged(node.files, node.own)
    found.load()
    if found.is_foreign:
        found.take_over()


def address_of(meter):
    asked = meter.asked
    if is_cjt188(meter):
        return bytes(asked.address)
    return bytes((asked.address,)) + (asked.secondary or b"")


def put_address(meter, address):
    asked = meter.asked
    if is_cjt188(meter):
        asked.address = address
        return
    asked.address = address[0]
    asked.secondary = address[1:] or None
    asked.awake = False
    asked.switched = None


def meters(node):
    # (bus, meter, its row of the configuration)
    for number, bus in enumerate(node.buses):
        rows = config.BUSES[number][5]
        for meter in bus.meters:
            for row in rows:
                if row[0] == meter.number:
                    yield number, meter, row


def configured(meter, row):
    asked = row[6]
    if is_cjt188(meter):
        return asked[1]
    return bytes((asked[0],)) + (asked[1] or b"")


def is_cjt188(meter):
    return meter.link.SERVICES == "services_cjt188"
