"""The board's end of the control channel: what leads from the simulated chip to the test bench.

Messages have four bytes (kind, index, 16-bit value) and go through two pipes: `send` writes one,
`pump` takes those that have come and calls the interrupt handlers they mean. Nothing interrupts
running bytecode, so `pump` stands wherever the program waits or looks at the hardware. The kinds
are those of the host's `control.py`.
"""

import asyncio.core
import select
import struct
import time

# board -> bench
PIN = 0x50
TRANSMIT = 0x55
UART_SETTINGS = 0x43
RECEIVED = 0x72
WATCHDOG = 0x57
FEED = 0x46
RESET = 0x52
SOFT_RESET = 0x53
CONSOLE_MODE = 0x4B
SCRATCH = 0x4D
CLOCK = 0x44
FLASH_CUT = 0x58
I2C = 0x69
# bench -> board
EDGE = 0x45
TRANSMITTED = 0x54
INTERRUPT = 0x49
CUT_FLASH_AFTER = 0x5A
ANALOG = 0x41
ANSWER_DATA = 0x64
ANSWER = 0x61


class Gone(BaseException):
    """The bench has ended: so does the board."""


# One handler(index, value) for each kind of message that comes from the bench.
handlers = {}
# Timers and whatever else is due at a time: objects with `due_ms` (ticks) and `fire()`.
alarms = []

# Streams that may hold bytes which their descriptors do not show any more: `has_kept()`.
keepers = []

irq_enabled = True
_dispatching = False
_interrupted = False
_in = None
_out = None
_poller = select.poll()
# Allocated once: messages are sent from hard interrupt handlers too.
_message = bytearray(4)
_received = bytearray(256)
# What arrived while an answer was awaited, for `pump`.
_held = bytearray()
_answered = bytearray(256)
_question = 0


def attach(fd_in, fd_out):
    global _in, _out
    _in = open(fd_in, "rb")
    _out = open(fd_out, "wb")
    _poller.register(_in, select.POLLIN)
    handlers[INTERRUPT] = _interrupt
    handlers[ANSWER] = handlers[ANSWER_DATA] = _ignore
    asyncio.core.IOQueue.wait_io_event = _wait_io_event


def send(kind, index=0, value=0):
    _message[0] = kind
    _message[1] = index
    _message[2] = value & 0xFF
    _message[3] = value >> 8
    _out.write(_message)


def send_data(kind, index, data):
    # In one write: an interrupt between two would leave half a message.
    _out.write(struct.pack("<BBH", kind, index, len(data)) + data)


def listen(poller):
    """Let `poller` wake up when the bench has sent something."""
    poller.register(_in, select.POLLIN)


def is_channel(stream):
    return stream is _in


def wait(ms):
    """Wait at most `ms` (for ever if negative) for the bench or an alarm, and serve it."""
    if _dispatching or not irq_enabled:
        # Nothing can arrive, as on a board.
        time._builtin.sleep_ms(max(ms, 0))
        return
    for _ in _poller.ipoll(until_alarm(ms)):
        pass
    pump()


def until_alarm(ms):
    now = time.ticks_ms()
    for alarm in alarms:
        left = max(0, time.ticks_diff(alarm.due_ms, now))
        if ms < 0 or left < ms:
            ms = left
    return ms


def pump():
    """Serve what has come from the bench, and the alarms that are due."""
    global _dispatching, _interrupted, _held
    if _dispatching or not irq_enabled:
        return
    _dispatching = True
    try:
        while True:
            while _held:
                held = _held
                _held = bytearray()
                _serve(held, len(held))
            n = _in.readinto(_received)
            if n is None:
                break
            if n == 0:
                raise Gone
            _serve(_received, n)
        if alarms:
            _fire_alarms()
    finally:
        _dispatching = False
    if _interrupted:
        _interrupted = False
        raise KeyboardInterrupt


def _serve(messages, size):
    for i in range(0, size, 4):
        value = messages[i + 2] | messages[i + 3] << 8
        handlers[messages[i]](messages[i + 1], value)


def ask(kind, index, data):
    """Send a question and wait for its answer: (value, bytes, up to two more than were sent).

    Works inside handlers and with interrupts disabled, too: nothing else is served meanwhile.
    """
    global _question
    # Numbered: one that was interrupted may be answered late.
    _question = _question + 1 & 0xFF
    send_data(kind, index, bytes((_question,)) + data)
    answer = bytearray()
    value = None
    while value is None:
        for _ in _poller.ipoll(-1):
            pass
        n = _in.readinto(_answered)
        if n == 0:
            raise Gone
        for i in range(0, n or 0, 4):
            message = _answered[i : i + 4]
            if message[0] == ANSWER_DATA:
                answer += message[1:]
            elif message[0] != ANSWER:
                _held.extend(message)
            elif message[1] == _question:
                value = message[2] | message[3] << 8
            else:
                answer = bytearray()
    pump()
    return value, answer


def _ignore(_index, _value):
    """The late answer to a question that was interrupted."""


def _fire_alarms():
    now = time.ticks_ms()
    for alarm in list(alarms):
        # An alarm that fired before may have taken this one away.
        if alarm in alarms and time.ticks_diff(alarm.due_ms, now) <= 0:
            alarm.fire()


def _interrupt(_index, _value):
    global _interrupted
    _interrupted = True
    send(INTERRUPT)


def _wait_io_event(queue, ms):
    """asyncio's one place of waiting, with the control channel among what it waits for."""
    listen(queue.poller)
    _poll_tasks(queue, ms)
    # Told to wait for ever, asyncio relies on a task being ready afterwards.
    while ms < 0 and asyncio.core._task_queue.peek() is None:
        _poll_tasks(queue, ms)


def _poll_tasks(queue, ms):
    for stream in keepers:
        if stream.has_kept() and id(stream) in queue.map:
            _wake(queue, stream, select.POLLIN)
            ms = 0
    for stream, event in queue.poller.ipoll(until_alarm(ms)):
        if stream is _in:
            continue
        _wake(queue, stream, event)
    pump()


def _wake(queue, stream, event):
    task_queue = asyncio.core._task_queue
    waiting = queue.map[id(stream)]
    reader, writer = waiting[0], waiting[1]
    # Errors and hang-ups wake both sides.
    if reader is not None and event & ~select.POLLOUT:
        task_queue.push(reader)
        waiting[0] = reader = None
    if writer is not None and event & ~select.POLLIN:
        task_queue.push(writer)
        waiting[1] = writer = None
    if reader is None and writer is None:
        queue._dequeue(stream)
    else:
        queue.poller.modify(stream, select.POLLOUT if reader is None else select.POLLIN)
