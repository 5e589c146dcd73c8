"""What somebody changes from outside. Who did it and to what is kept first, then it is done: a cut
between the two leaves a write told that did not happen, never the reverse. (app.seldom loads it.)

by: (level of the password, operator code), 0 where there is none. ValueError: out of range, and
OSError: it cannot be kept; then nothing has changed.
"""

from micropython import const

from converter.app.written import BAUDS, baud_code, show_default
from converter.codec import bcd
from converter.codec.scale import rescale
from converter.model import change, events
from converter.store import presets
from converter.store.parameters import Parameters
from converter.store.writes import Writes

_EIO = const(5)
_DAY_S = const(86400)
_EVERYBODY = const(999999999999)
_UNKNOWN = const(0xFFFFFFFFFFFFFFFF)


def kept(node):
    # The parameters, to be looked at; they may be lost.
    found = Parameters(node.keeper, node.own)
    found.load()
    return found


def refusal(node, level, pa, password):
    return node.access.refusal(kept(node), level, pa, password, node.now_s())


def unlock(node):
    # The time of a lock is over.
    parameters = kept(node)
    parameters.set_guard(0, 0, parameters.guard[2])


def newest(node, back):
    found = Writes(node.keeper, node.own)
    found.load()
    return found.newest(back)


def restored(node):
    # What another board or nobody can read any more begins anew.
    parameters = kept(node)
    if parameters.lost:
        parameters.start_anew()
        show_default(node, parameters)
    writes = Writes(node.keeper, node.own)
    writes.load()
    writes.take_over()


def set_clock(node, by, seconds):
    number = _note(node, change.CLOCK, 0, by, node.time_s(), seconds)
    node.clock.set(seconds)
    _tell(node, change.CLOCK, number)


def follow_broadcast(node, seconds):
    # Once a day, though at any time while ours is unknown. Its step is an event of the clock.
    parameters = _sound(node)
    day = seconds // _DAY_S
    if node.time_s() and parameters.broadcast_day == day:
        return
    parameters.set_broadcast_day(day)
    node.clock.set(seconds)


def set_address(node, by, who, address, afterwards):
    # afterwards: the answer still goes out from the old one.
    digits = bcd.decode(address, 0, 6)
    if not digits or digits == _EVERYBODY or len(address) != 6:
        raise ValueError
    point = node.points[who]
    for other in node.points:
        if other is not point and other.address == address:
            raise ValueError
    parameters = _sound(node)
    number = _note(node, change.ADDRESS, who, by, bcd.decode(point.address, 0, 6), digits)
    parameters.set_address(point.identity, address)

    def answer_to_it():
        point.address = address

    if afterwards:
        node.uplink.after_answer = answer_to_it
    else:
        answer_to_it()
    _tell(node, change.ADDRESS, number)


def set_dial(node, by, point, index, exponent, reason):
    for each in node.pulses.inputs if node.pulses else ():
        if each.number == point:
            break
    else:
        raise ValueError  # a meter on a bus has its own dial
    total = each.kept.total
    exact = rescale(index, exponent, total.exponent)
    if rescale(exact, total.exponent, exponent) != index or total.base_for(exact) is None:
        raise ValueError  # more digits than the dial
    if not presets.COMMISSIONED <= reason <= presets.EXCHANGED:
        raise ValueError
    old = _UNKNOWN if each.lost else total.index()
    number = _note(node, change.DIAL, point, by, old, exact)
    each.preset(exact, reason)
    _tell(node, change.DIAL, number)


def set_settlement(node, by, day, hour):
    if not (1 <= day <= 28 and 0 <= hour <= 23):
        raise ValueError
    _, _, configured = node.configured
    now = node.freezer.settlement
    parameters = _sound(node)
    old = now[0] * 100 + now[1]
    number = _note(node, change.SETTLEMENT, 0, by, old, day * 100 + hour)
    parameters.set_settlement(configured[:2], (day, hour))
    node.freezer.settlement = day, hour, now[2]
    _tell(node, change.SETTLEMENT, number)


def set_pattern(node, by, pattern):
    parameters = _sound(node)
    old = int.from_bytes(bytes(parameters.pattern or ()), "big")
    number = _note(node, change.PATTERN, 0, by, old, int.from_bytes(bytes(pattern), "big"))
    parameters.set_pattern(pattern)
    node.freezer.pattern = pattern
    _tell(node, change.PATTERN, number)


def set_baud(node, by, code):
    if code not in BAUDS:
        raise ValueError
    configured, _, _ = node.configured
    parameters = _sound(node)
    number = _note(node, change.BAUD, 0, by, node.baud, BAUDS[code])
    parameters.set_baud(baud_code(configured), code)
    node.uplink.after_answer = lambda: node.set_baud(BAUDS[code])
    _tell(node, change.BAUD, number)


def set_password(node, by, level, password):
    parameters = _sound(node)
    number = _note(node, change.PASSWORD, level, by, 0, 0)
    parameters.set_password(level, password)
    show_default(node, parameters)
    _tell(node, change.PASSWORD, number)


def set_key(node, by, key):
    parameters = _sound(node)
    number = _note(node, change.KEY, 0, by, 0, 0)
    parameters.set_key(key)
    _tell(node, change.KEY, number)


def sealing(node):
    # (key, end of accepted counters), None without one or when it is lost.
    parameters = kept(node)
    return (parameters.key, parameters.ceiling) if parameters.key else None


def keep_counters(node, end):
    _sound(node).set_ceiling(end)


def move_valve(node, by, point, code):
    # Only noted: the meter is asked afterwards, and events say what was sent to it.
    _tell(node, change.VALVE, _note(node, change.VALVE, point, by, _UNKNOWN, code))


def clear_events(node, by):
    log = node.kept_events.events
    number = _note(node, change.EVENTS, 0, by, log.count, 0)
    log.clear()
    node.record_event(events.EVENTS_CLEARED, 0, log.count)
    _tell(node, change.EVENTS, number)


def clear_alarms(node, by, number):
    found = alarms_of(node, number)
    entry = _note(node, change.ALARMS, number, by, found.latched, found.active)
    acknowledge(node, found, number)
    _tell(node, change.ALARMS, entry)


def alarms_of(node, number):
    # A pulse point's, or with 0 the converter's own.
    if number == 0:
        return node.kept_events.alarms
    for each in node.pulses.inputs if node.pulses else ():
        if each.number == number:
            return each.kept.alarms
    raise ValueError


def acknowledge(node, alarms, number):
    cleared = alarms.latched
    alarms.clear(cleared)
    node.record_event(events.ALARMS_CLEARED, number, cleared)
    return cleared


def _sound(node):
    # The parameters, to be written.
    found = kept(node)
    if found.lost:
        raise OSError(_EIO)
    return found


def _note(node, what, point, by, old, new):
    # The number of its entry in the list of writes.
    found = Writes(node.keeper, node.own)
    found.load()
    found.append(what, point, by[0], 0, by[1], node.time_s(), old, new)
    return found.count - 1


def _tell(node, what, number):
    node.record_event(events.WRITTEN, what, number)
