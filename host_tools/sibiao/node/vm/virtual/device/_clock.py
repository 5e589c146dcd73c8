"""Virtual time. It passes here and nowhere else.

What happens by itself is a source: an object with `due_us` and `fire()`, which moves its own
`due_us` before anything else. The program's own work takes `look_us` whenever it looks at a clock,
a pin or a UART, so loops that wait for the hardware end, and interrupts fall between the
program's steps too, not only where it sleeps.
"""

TICKS_MASK = 0x3FFFFFFF  # the board's ticks wrap at 2**30
_HALF = 0x20000000
FAR_US = 1 << 60

# The milliseconds wrap a minute after the start, the microseconds again and again.
START_US = ((1 << 30) - 60000) * 1000

now_us = START_US
look_us = 20
# While an interrupt is being served: a handler's own looks take no time.
in_handler = False
# Why the simulation is over, or None; then the program's next look or wait raises `over`.
ended = None
over = SystemExit
# Ctrl-C has come: the program's next look or wait raises KeyboardInterrupt.
interrupted = False
# Set by whatever may have made a stream ready: `idle_until` then returns early.
woken = False

_sources = []
_soonest = None
_soonest_us = 0  # 0: not known


def add(source):
    _sources.append(source)
    replan()


def replan():
    """To be called when a source has been moved by something else than its own `fire`."""
    global _soonest_us
    _soonest_us = 0


def _find_soonest():
    global _soonest, _soonest_us
    first_us = FAR_US
    for source in _sources:
        if source.due_us < first_us:
            first_us = source.due_us
            _soonest = source
    _soonest_us = first_us


def pass_until(until_us):
    """Time passes; what is due on the way happens at its time."""
    global now_us, _soonest_us
    while True:
        if not _soonest_us:
            _find_soonest()
        if _soonest_us > until_us:
            break
        if _soonest_us > now_us:
            now_us = _soonest_us
        _soonest_us = 0
        _soonest.fire()
    # What happened may have taken time of its own.
    if until_us > now_us:
        now_us = until_us


def idle_until(until_us):
    """The same, but only until something has woken the program."""
    global woken
    woken = False
    while not (woken or ended) and now_us < until_us:
        if not _soonest_us:
            _find_soonest()
        pass_until(_soonest_us if _soonest_us < until_us else until_us)


def look():
    """The program looks at the hardware, which takes it a moment."""
    global now_us
    if in_handler:
        return
    if ended or interrupted:
        stop()
    until_us = now_us + look_us
    if until_us < _soonest_us:
        now_us = until_us
    else:
        pass_until(until_us)


def stop():
    """Raise what ends or interrupts the program."""
    global interrupted
    if ended:
        raise over
    interrupted = False
    raise KeyboardInterrupt


def end(why):
    global ended
    if not ended:
        ended = why


def ticks_us():
    if not in_handler:
        look()
    return now_us & TICKS_MASK


def ticks_ms():
    if not in_handler:
        look()
    return now_us // 1000 & TICKS_MASK


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    return (ticks + delta) & TICKS_MASK


def ticks_diff(a, b):
    return ((a - b + _HALF) & TICKS_MASK) - _HALF


def sleep_us(us):
    until_us = now_us + us
    while now_us < until_us and not (ended or interrupted):
        idle_until(until_us)
    look()


def sleep_ms(ms):
    sleep_us(int(ms) * 1000)


def sleep(seconds):
    sleep_us(int(seconds * 1000000))


def time_ns():
    """Since power-on, without what machine.RTC was set to."""
    return (now_us - START_US) * 1000
