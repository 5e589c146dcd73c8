"""Runs on the Pico: telegrams through framer, judgement, layout and metering point; prints us."""

import gc
import time

import config
from converter.link import cjt188, mbus
from converter.link.framer import Framer
from converter.meters import cjt188 as layout188
from converter.meters.mbus import WHOLE, Answer
from converter.model.point import MeteringPoint


def cjt188_reader(asked):
    layout = asked[3]

    def publish(frame, point):
        return layout188.read_values(layout, frame, point, 1)

    return Framer(cjt188.frame_len, cjt188.MAX_FRAME + 15), cjt188.accept, publish


def mbus_reader(asked):
    answer = Answer(asked[2], asked[3])

    def publish(frame, point):
        answer.begin()
        return answer.take(frame) == WHOLE and answer.publish(point, 1)

    return Framer(mbus.Ear().frame_len, mbus.MAX_FRAME + 15), mbus.accept, publish


def main(number, request, telegram, piece, times):
    # number: of the point. piece: bytes given to the framer at once.
    for n, _, _, _, _, link, asked in config.BUSES[0][5]:
        if n == number:
            framer, accept, publish = (mbus_reader if link == "mbus" else cjt188_reader)(asked)
    point = MeteringPoint(*config.POINTS[number - 1])
    for n in range(-1, times):  # once unmeasured: what is loaded when used is loaded then
        gc.collect()
        begun_us = time.ticks_us()
        at = 0
        while at < len(telegram):
            part = telegram[at : at + piece]
            framer.get_buffer()[: len(part)] = part
            framer.buffer_updated(len(part))
            at += len(part)
            frame = framer.next_frame(False)
        found_us = time.ticks_us()
        published = accept(request, frame) and publish(frame, point)
        ended_us = time.ticks_us()
        if not published:
            raise AssertionError("not read")
        if n >= 0:
            print(time.ticks_diff(found_us, begun_us), time.ticks_diff(ended_us, found_us))
