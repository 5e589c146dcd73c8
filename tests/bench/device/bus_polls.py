"""Runs at a prompt: polls of every meter of the configuration in turn; prints what they allocate
and the heap in use after each step."""

import asyncio
import gc

import config
from converter.model import events, point


def polled(task, steps, polls):
    # steps: how often so many polls are made. Prints a line for each meter, with the bytes that
    # one poll allocates, then for each step the bytes in use after a collection.
    asyncio.run(_polled(task, steps, polls))


def _beat():
    pass


async def _poll(task, meter):
    await task._poll(meter, _beat)
    if meter.point.status & ~point.ALARM:
        raise AssertionError("point %d: status %d" % (meter.number, meter.point.status))


async def _polled(task, steps, polls):
    meters = task.meters
    for meter in meters:  # once unmeasured: what is loaded when used is loaded then
        await _poll(task, meter)
    gc.disable()
    for meter in meters:
        gc.collect()
        before = gc.mem_alloc()
        await _poll(task, meter)
        print(meter.number, gc.mem_alloc() - before)
    gc.enable()
    for _ in range(steps):
        for n in range(polls):
            await _poll(task, meters[n % len(meters)])
        gc.collect()
        print(gc.mem_alloc())


class ScriptedPort:
    """Answers every request with its meter's telegram, at once: the 32-bit VM has no UART."""

    byte_us = 4583
    wanted = False

    def __init__(self, answers):
        self._answers = answers  # by the request's start, without preamble, with no SER in it
        self._answer = None

    def set_line(self, baud, parity):
        pass

    def power(self, on):
        return False

    def drain(self, framer):
        framer.clear()

    async def send(self, data):
        start = 0
        while data[start] == 0xFE:
            start += 1
        request = bytes(data[start:])
        if request[0] == 0x10:
            c = request[1]
            self._answer = b"\xe5" if c == 0x40 else self._answers[request[2:3]]
            return
        answer = bytearray(self._answers[request[2:9]])
        at = 0
        while answer[at] != 0x68:
            at += 1
        answer[at + 13] = request[13]
        answer[-2] = sum(answer[at:-2]) & 0xFF
        self._answer = bytes(answer)

    async def listen(self, framer, limit_ms, beat):
        answer = self._answer
        frame = None
        for at in range(0, len(answer), 7):
            part = answer[at : at + 7]
            framer.get_buffer()[: len(part)] = part
            framer.buffer_updated(len(part))
            frame = framer.next_frame(False)
        return frame


async def _no_wait(ms):
    pass


class _NoNode:
    now_s = staticmethod(lambda: 1)

    @staticmethod
    def record_event(code, detail, value=0):
        if code != events.ALARM:  # that some published telegrams hold
            raise AssertionError("event %d of point %d" % (code, detail))


def scripted(answers):
    # The bus of the configuration behind a scripted port.
    from converter.app import bus_build
    from converter.app.bus_task import BusTask
    from converter.model.point import MeteringPoint

    asyncio.sleep_ms = _no_wait
    _, _, tries, schedule, _, rows = config.BUSES[0]
    port = ScriptedPort(answers)
    points = [None] + [MeteringPoint(*point) for point in config.POINTS]
    meters = bus_build.meters_of(rows, points, port, tries)
    return BusTask(_NoNode, port, 0, schedule, 1, meters)
