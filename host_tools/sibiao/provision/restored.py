"""What the ledger last knew of a unit's dials."""

from __future__ import annotations

from sibiao.ledger.row import Row


def kept_dials(rows: list[Row], serial: str) -> dict[str, tuple[str, Row]]:
    """By point: the dial in m3, and the row that says it."""
    found = {}
    for row in rows:
        points = row.data.get("points") if row.serial == serial else None
        for name, each in points.items() if isinstance(points, dict) else ():
            if isinstance(each, dict) and each.get("dial"):
                found[name] = each["dial"], row
    return found
