"""Communities for tests: the sample one with another board, meter or wiring."""

from dataclasses import replace

from sibiao.config import schema
from sibiao.config.load import load
from sibiao.config.schema.pulse import PulseMeter

METER = "water-reed-10l"
RTC = {"chip": "ds3231", "i2c": 0, "scl": 9, "sda": 8}
FRAM = {"kind": "fram-i2c", "i2c": 0, "scl": 9, "sda": 8, "size_bytes": 32768}
SUPPLY = {"gpio": 22, "active": "low", "pull_up": True, "hold_up_ms": 500}


def sample(board=None, meter=None, water=None, policy=None):
    """The sample community; each argument replaces keys of that table, as an editor would."""
    loaded = load("sample")
    made_board = _changed(schema.Board, loaded.board, board)
    made_meter = _changed(PulseMeter, loaded.meters[METER], meter)
    community = loaded.community
    point, *rest = community.points
    community = community.model_copy(
        update={
            "points": [_changed(schema.Point, point, water), *rest],
            "policy": _changed(schema.Policy, community.policy, policy),
        }
    )
    meters = {**loaded.meters, METER: made_meter}
    return replace(loaded, board=made_board, meters=meters, community=community)


def sources(kind):
    """The board's pulse inputs with another source."""
    inputs = load("sample").board.pulse_inputs
    return {name: {"gpio": pin.gpio, "source": kind} for name, pin in inputs.items()}


def _changed(kind, table, changes):
    return kind.model_validate({**table.model_dump(by_alias=True), **(changes or {})})
