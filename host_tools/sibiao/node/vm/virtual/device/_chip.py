"""The chip in virtual time: interrupts, watchdog, timers, and asyncio's one place of waiting.

It stands behind the board's `_bench`: `machine` and the rest of the board talk to it as they
otherwise talk to the test bench on the host.
"""

import asyncio.core

import _bench
import _pin
import _uart

import _clock

# How long an interrupt keeps all others waiting: on an RP2040 at 125 MHz the pulse filter takes 25
# of it. Edges that come meanwhile, or while interrupts are off, leave one pending interrupt a pin,
# as the chip's latches do.
handler_us = 50
interrupts = 0
lines = {}
outside = None  # what is told what the board does, where the world outside is on the host

_pending = []
_serving = False
# Whether asyncio waits for a stream that an interrupt handler may make ready.
_flag_awaited = False


def attach():
    _clock.over = _bench.Gone
    _bench.send = _send
    _bench.send_data = _send_data
    _bench.pump = _pump
    _bench.ask = _ask
    _bench.wait = _wait
    _bench.listen = lambda poller: None
    _bench.until_alarm = lambda ms: ms  # alarms are due by themselves
    _bench.handlers[_bench.INTERRUPT] = _interrupt
    _bench.alarms = _Alarms()
    _clock.add(_watchdog)
    _clock.add(_bench.alarms)
    asyncio.core.IOQueue.wait_io_event = _wait_io_event


def edge(pad, level):
    """A pin is driven to the other level from outside."""
    pad.driven = level
    if pad.counter:
        pad.counter.edge(level)
    kind = _pin.Pin.IRQ_RISING if level else _pin.Pin.IRQ_FALLING
    if not pad.trigger & kind:
        return
    pad.flags = kind
    if _bench.irq_enabled and not _serving:
        _serve(pad)
        if _pending:
            _serve_pending()
    elif pad not in _pending:
        _pending.append(pad)


def stop_cpu(span_us):
    """A flash operation: nothing runs, interrupts wait."""
    enabled = _bench.irq_enabled
    _bench.irq_enabled = False
    _clock.pass_until(_clock.now_us + span_us)
    _bench.irq_enabled = enabled
    _serve_pending()


def _serve(pad):
    global _serving, interrupts
    interrupts += 1
    _serving = True
    _clock.in_handler = True
    pad.call()
    _clock.in_handler = False
    _clock.pass_until(_clock.now_us + handler_us)
    _serving = False
    if _flag_awaited:
        _clock.woken = True


def _serve_pending():
    while _pending and _bench.irq_enabled and not _serving:
        _serve(_pending.pop(0))


class _Watchdog:
    due_us = _clock.FAR_US
    timeout_ms = 0

    def fire(self):
        self.due_us = _clock.FAR_US
        _clock.end("watchdog")


class _Alarms:
    """`_bench.alarms`, a list as far as machine.Timer uses one."""

    def __init__(self):
        self._list = []
        self.due_us = _clock.FAR_US

    def __contains__(self, alarm):
        return alarm in self._list

    def append(self, alarm):
        self._list.append(alarm)
        self._plan()

    def remove(self, alarm):
        self._list.remove(alarm)
        self._plan()

    def fire(self):
        if not _bench.irq_enabled or _serving:
            self.due_us = _clock.now_us + 100
            return
        for alarm in list(self._list):
            if alarm in self._list and self._due_us(alarm) <= _clock.now_us:
                alarm.fire()
        self._plan()
        _clock.woken = True

    def _due_us(self, alarm):
        now_ms = _clock.now_us // 1000
        left_ms = _clock.ticks_diff(alarm.due_ms, now_ms & _clock.TICKS_MASK)
        return (now_ms + left_ms) * 1000

    def _plan(self):
        self.due_us = min([self._due_us(a) for a in self._list] + [_clock.FAR_US])
        _clock.replan()


_watchdog = _Watchdog()


def _send(kind, index=0, value=0):
    if kind == _bench.WATCHDOG:
        _watchdog.timeout_ms = value
    if kind in (_bench.WATCHDOG, _bench.FEED):
        _watchdog.due_us = _clock.now_us + _watchdog.timeout_ms * 1000
        _clock.replan()
        if outside:  # it knows when an endless loop comes to its end
            outside.tell(kind, index, bytes((value & 0xFF, value >> 8)))
            _clock.look()
    elif kind == _bench.RESET:
        _clock.end("reset")
        raise _bench.Gone
    elif kind == _bench.SOFT_RESET:
        _clock.end("soft")
    elif kind == _bench.FLASH_CUT:
        _clock.end("power")
    elif kind == _bench.RECEIVED:
        lines[index].taken(value)
    elif outside:
        outside.tell(kind, index, bytes((value & 0xFF, value >> 8)))


def _send_data(kind, index, data):
    if kind == _bench.TRANSMIT:
        lines[index].transmit(data)
    elif kind == _bench.UART_SETTINGS:
        lines[index].settings(data)
    if outside:
        outside.tell(kind, index, bytes(data))


def _interrupt(_index, _value):
    _clock.interrupted = True
    _send(_bench.INTERRUPT)


def _ask(kind, index, data):
    """A question of an I2C bus; without a world outside nobody is on it."""
    if not outside:
        return 0xFFFF, b""
    return outside.ask(index, data)


def _pump():
    if _clock.in_handler:
        return
    _clock.look()
    if _pending:
        _serve_pending()
    for line in lines.values():
        line.tell_transmitted()


def _wait(ms):
    if ms > 0:
        _clock.idle_until(_clock.now_us + ms * 1000)
    _pump()


def _wait_io_event(queue, ms):
    """asyncio's one place of waiting: virtual time passes until a task or a stream is ready."""
    until_us = _clock.FAR_US if ms < 0 else (_clock.now_us // 1000 + ms) * 1000
    while not _wake_ready(queue) and _clock.now_us < until_us:
        if _clock.ended or _clock.interrupted:
            _clock.stop()
        _clock.idle_until(until_us)


def _wake_ready(queue):
    global _flag_awaited
    woke = _flag_awaited = False
    for waiting in list(queue.map.values()):
        reader, writer, stream = waiting[0], waiting[1], waiting[-1]
        ready = stream.ioctl(3, (0 if reader is None else 1) | (0 if writer is None else 4))
        if ready:
            _bench._wake(queue, stream, ready)
            woke = True
        elif not isinstance(stream, _uart.UART):
            _flag_awaited = True
    return woke
