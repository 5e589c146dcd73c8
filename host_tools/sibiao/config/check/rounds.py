"""How long a poll round takes at least: every meter prompt, every answer the shortest that its
profile's telegrams show."""

from __future__ import annotations

from sibiao.config import schema
from sibiao.config.check.goldens import sound_frame
from sibiao.config.check.goldens_mbus import sound_frames
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError

# As converter.app.bus_task, poll_cjt188 and poll_mbus have them.
_REST_MS = 30
_ASK_188 = 19  # bytes: a preamble of 3, a request of 16
_ASK_MBUS, _SELECTION, _ACKNOWLEDGE = 5, 17, 1
_FABRICATION = 6
_NOBODY_MS, _NOBODY_BYTES = 150, 33  # what an answer is waited for that does not come


def least_s(loaded: Loaded, points: list[tuple[int, schema.Point]]) -> float:
    """`points`: of one bus, numbered."""
    return sum(_poll_ms(loaded.meters[point.meter], point) for _, point in points) / 1000


def _poll_ms(meter, point: schema.Point) -> float:
    if meter.link == "transparent":
        return 0
    line = point.line or meter.line
    byte_ms = 1000 * (10 if line.parity == "N" else 11) / line.baud
    answers = min((_answers(meter, golden) for golden in meter.golden), key=sum)
    if meter.link == "cjt188":
        return (_ASK_188 + sum(answers)) * byte_ms + _REST_MS
    sent = sum(_ASK_MBUS + answer for answer in answers)
    rests = len(answers)
    waited_ms = 0.0
    if point.secondary_address:
        sent += _ASK_MBUS + _SELECTION + _ACKNOWLEDGE
        sent += _FABRICATION if point.fabrication else 0
        rests += 2
        waited_ms = _NOBODY_MS + _NOBODY_BYTES * byte_ms
    return sent * byte_ms + rests * _REST_MS + waited_ms


def _answers(meter, golden) -> list[int]:
    """Bytes of each answer; of a telegram that is none, which is told elsewhere, nothing."""
    try:
        if meter.link == "cjt188":
            return [len(sound_frame(golden.telegram, ""))]
        return [len(frame) for frame in sound_frames(golden.telegram, "")][: meter.telegrams]
    except SibiaoError:
        return [0]
