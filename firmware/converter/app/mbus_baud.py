"""Reading an M-Bus meter at another rate than that of its line, which it was told to take and may
have forgotten. Loaded only where a profile says `switch_baud`.

A meter that acknowledged and is not heard at the new rate goes home by itself, but only after 2 to
10 minutes: until then its silence says nothing.
"""

import time

from micropython import const

from converter.link import master, mbus, mbus_set

_FORGETS_MS = const(600000)


class _Switched:
    def __init__(self):
        self.away = False  # heard at the new rate last time
        self.stays = False  # it does not switch, or its line does not carry the new rate
        self.lost_ms = None  # when it acknowledged and was heard nowhere after that


async def ask(link, meter, beat):
    meter.switched = meter.switched or _Switched()
    home = link.port.line
    try:
        verdict = await _ask(link, meter, beat, home)
    finally:
        link.port.set_line(*home)
    if verdict != master.SILENT:
        if verdict != master.BROKEN_OFF:
            meter.switched.lost_ms = None
    elif _is_lost(meter.switched):
        return master.BROKEN_OFF
    return verdict


async def _ask(link, meter, beat, home):
    how = meter.switched
    told = False
    verdict = master.SILENT
    if not how.away and not how.stays:
        verdict = await link.reach(meter, beat, 0)
        how.stays = verdict == master.DONE and how.lost_ms is not None
        if verdict == master.DONE and not how.stays:
            out = bytearray(9)
            mbus_set.baud(out, mbus.SND_UD | meter.fcb, meter.address, meter.baud)
            verdict = await link.order(out, beat)
            told = verdict == master.DONE
            # Without the acknowledge it may have switched all the same.
    if verdict == master.BROKEN_OFF:
        return verdict
    if not how.stays:
        link.port.set_line(meter.baud, home[1])
        verdict = await link.reach(meter, beat, 0)
        if verdict == master.DONE:
            how.away = True
            verdict = await link.read_out(meter, beat)
        if verdict != master.SILENT:
            return verdict
        link.port.set_line(*home)
    was_away, how.away = how.away, False
    verdict = await link.reach(meter, beat, 0)
    if verdict == master.DONE:
        verdict = await link.read_out(meter, beat)
    if verdict == master.DONE:
        how.stays = not was_away
    elif verdict == master.SILENT and told:
        how.lost_ms = time.ticks_ms()
    return verdict


def _is_lost(how):
    if how.lost_ms is not None and time.ticks_diff(time.ticks_ms(), how.lost_ms) > _FORGETS_MS:
        how.lost_ms = None
    return how.lost_ms is not None
