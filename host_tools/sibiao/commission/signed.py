"""What the ledger holds of a unit's commissioning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sibiao.commission.judge import GOOD, Draw, Judged
from sibiao.ledger.row import Row
from sibiao.reconcile.sums import signed as with_sign

KIND = "commission"


def signed(rows: Iterable[Row], serial: str) -> dict[str, Row]:
    """By point: the row that signed it as good. Another meter, or a lost record, needs another
    proof."""
    found: dict[str, Row] = {}
    for row in rows:
        points = row.data.get("points") if row.serial == serial else None
        for name, each in points.items() if isinstance(points, dict) else ():
            if row.kind == KIND and "verdict" in each:
                found.pop(name, None)
                if each["verdict"] == GOOD:
                    found[name] = row
            elif "source" in each or "old_dial" in each:
                found.pop(name, None)
    return found


def told(draw: Draw, judged: Judged, way: str, weight: Any) -> dict[str, str]:
    """What is signed about a point; texts, as every row has them."""
    before, after = draw.seen
    said = {
        "verdict": judged.verdict,
        "cause": judged.cause,
        "said": judged.said,
        "todo": judged.todo,
        "quantity": after.quantity,
        "unit": after.unit,
        "dial_before": str(draw.dials[0]),
        "dial_after": str(draw.dials[1]),
        "converter_before": _text(before.value),
        "converter_after": _text(after.value),
        "read_before": before.time.isoformat(timespec="seconds"),
        "read_after": after.time.isoformat(timespec="seconds"),
        "value_time_before": before.value_time,
        "value_time_after": after.value_time,
        "over": way,
    }
    if judged.drift is not None:
        if weight is None:
            said["drift"] = f"{float(judged.drift):+.4f}"
        else:
            said |= {
                "counted": str(judged.counted),
                "drift_pulses": with_sign(judged.drift),
                "drift": f"{float(judged.drift * weight):+.4f}",
                "weight_m3": f"{float(weight):g}",
            }
    if weight is not None and judged.verdict == GOOD:
        said["dial"] = said["converter_after"]  # what sibiao restore would enter
    return said


def _text(value: Any) -> str:
    return "" if value is None else str(value)
