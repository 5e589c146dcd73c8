"""Commands of the console: dial, clock, alarms; and what only a long answer can say. (app.seldom
loads it.)

time [YYYY-MM-DDThh:mm:ss]      the clock, read or set
dial POINT INDEX REASON         enter the dial, in its own units; REASON: commissioned,
                                corrected, exchanged
restore POINT INDEX             the same after the record was lost; POINT 0: speak again
clear POINT                     acknowledge alarms (0: the converter's own)
point POINT                     everything about a pulse point
freeze POINT KIND BACK          KIND: hour, day, month, year, instant, timed; 1 is the newest
bus N BAUD PARITY LIMIT_MS HEX  a frame to a meter as it goes over the wire, and what is heard
meter POINT SERVICE ...         see docs/bus.md
event | preset | write BACK     BACK 0 is the newest
window MINUTES                  open the programming window, as the sealed button does
key HEX                         16 bytes: the key of sealed requests. Nobody can read it back
"""

from binascii import unhexlify

from converter.app import changes, records, typed
from converter.model import alarms, calendar, events, gap
from converter.station import access
from converter.store import presets

_REASONS = {
    "commissioned": presets.COMMISSIONED,
    "corrected": presets.CORRECTED,
    "exchanged": presets.EXCHANGED,
}
_KINDS = ("hour", "day", "month", "year", "instant", "timed")


async def execute(node, words, beat):
    # What became of it, for JSON. An error is {"error": …}, and then nothing has changed.
    try:
        name = words[0]
        args = words[1:]
        if name == "time":
            return _time(node, *args)
        if name == "dial":
            return _dial(node, _input(node, args[0]), int(args[1]), _REASONS[args[2]])
        if name == "restore":
            return _restore(node, *args)
        if name == "clear":
            return _clear(node, int(args[0]))
        if name == "point":
            return _point(_input(node, args[0]))
        if name == "freeze":
            return _freeze(node, int(args[0]), _KINDS.index(args[1]), int(args[2]))
        if name == "event":
            return {"event": node.kept_events.events.newest(int(args[0]))}
        if name == "preset":
            return {"preset": node.presets.newest(int(args[0]))}
        if name == "write":
            return {"write": changes.newest(node, int(args[0]))}
        if name == "window":
            return _window(node, int(args[0]))
        if name == "key":
            return _key(node, args[0])
        if name in ("bus", "meter"):
            from converter.app import bus_commands

            return await getattr(bus_commands, name)(node, beat, *args)
        return {"error": "no command " + name}
    except OSError as error:
        return {"error": "not kept: errno %d" % error.errno}
    except (ValueError, KeyError, IndexError, TypeError):
        return {"error": "not understood or out of range"}


def _input(node, number):
    for each in node.pulses.inputs if node.pulses else ():
        if each.number == int(number):
            return each
    raise ValueError


def _time(node, text=None):
    if text:
        node.clock.set(typed.seconds(text))
    now = node.time_s()
    return {"time": calendar.from_seconds(now) if now else None}


def _dial(node, each, index, reason):
    each.preset(index, reason)
    return _point(each)


def _restore(node, number, index="0"):
    if number == "0":
        records.restored(node)
        return {"lost": [each.number for each in node.pulses.inputs if each.lost]}
    each = _input(node, number)
    each.preset(int(index), presets.RESTORED)
    node.record_event(events.RESTORED, each.number)
    for other in node.pulses.inputs:
        if other.lost:
            return _point(each)
    records.restored(node)
    return _point(each)


def _clear(node, number):
    return {"cleared": changes.acknowledge(node, changes.alarms_of(node, number), number)}


def _window(node, minutes):
    if not node.access or not 0 <= minutes <= 1440:
        raise ValueError
    node.access.open(node.now_s(), minutes * 60, access.CONSOLE)
    return {"window_s": minutes * 60}


def _key(node, text):
    key = unhexlify(text)
    if len(key) != 16 or not node.access:
        raise ValueError
    changes.set_key(node, (0, 0), key)
    if node.rekey:
        node.rekey()
    return {"key": "written"}


def _point(each):
    kept = each.kept
    total = kept.total
    return {
        "point": each.number,
        "lost": each.lost,
        "index": total.index(),
        "exponent": total.exponent,
        "forward": total.forward,
        "reverse": total.reverse,
        "generation": kept.generation,
        "uncommitted": kept.uncommitted,
        "dirty": kept.dirty,  # since the start nothing was written yet
        "levels": kept.levels,  # 1 active, at the last commit; of two contacts, B is bit 1
        "loss_bound": kept.loss_bound,
        "gap": None if kept.gap == gap.UNKNOWN else kept.gap,
        "status": each.point.status,
        "active": kept.alarms.active,
        "latched": kept.alarms.latched,
        "alarms": [kept.alarms.entry(bit) for bit in range(alarms.COUNT)],
    }


def _freeze(node, number, kind, back):
    found = node.freezer.past(number, kind, back) if number < len(node.points) else None
    if found is None:
        raise ValueError
    moment, entry = found
    return {"moment": calendar.from_seconds(moment), "freeze": entry}
