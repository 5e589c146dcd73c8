"""Who this is and how it does: what ENQ is answered with (app.console). Loaded by app.seldom."""

import config

from converter import VERSION
from converter.hal import power, slots


def report(node, heap):
    # heap: bytes in use before this was loaded.
    return {
        "firmware": VERSION,
        "community": config.NAME,
        "config": config.DIGEST,
        "serial": config.SERIAL.decode(),
        "address": _digits(config.ADDRESS),
        "answers_to": _digits(node.points[0].address),  # another may have been written
        "unit": "".join("%02x" % b for b in power.unique_id()),
        "slot": node.slot,
        "trial": node.trial,
        "fault": "records lost: restore" if node.gone else slots.fault(),
        "starts": node.kept_events.starts,
        "cause": node.cause,
        "hung": node.supervisor.name(node.hung),
        "ended": node.supervisor.ended,
        "event": node.kept_events.events.newest(0),
        "time_s": node.time_s(),
        "uptime_s": node.now_s(),
        "heap": heap,
    }


def _digits(address):
    return "".join("%02x" % b for b in reversed(address))
