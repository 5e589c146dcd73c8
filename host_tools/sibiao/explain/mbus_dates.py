"""M-Bus dates in ISO 8601. An open year is left out as the standard allows: --12-31."""

from __future__ import annotations

from converter.meters import mbus_date


def iso(data: bytes, msb_first: bool = False) -> str | None:
    """A date of type F, G, I or J, told by its length; None for what is invalid or too open."""
    parts = mbus_date.fields(data, 0, len(data), msb_first)
    if parts is None:
        return None
    year, month, day, hour, minute, second = parts
    if len(data) == 3:
        return None if min(hour, minute, second) < 0 else f"{hour:02}:{minute:02}:{second:02}"
    if month < 0 or day < 0:
        return None
    date = f"{year:04}-{month:02}-{day:02}" if year >= 0 else f"--{month:02}-{day:02}"
    if len(data) == 2:
        return date
    if hour < 0 or minute < 0:
        return None
    return f"{date}T{hour:02}:{minute:02}:{max(second, 0):02}"


def daylight_saving(data: bytes) -> str | None:
    """Type K: when summer time begins and ends each year, and by how many hours it deviates."""
    begin_hour, begin_day, end_day = (b & 0x1F for b in data[:3])
    begin_month, end_month = data[3] & 0x0F, data[3] >> 4
    if not data[1] & 0x80:
        return "disabled"
    if not (1 <= begin_month <= 12 and 1 <= end_month <= 12 and begin_day and end_day):
        return None
    if begin_hour > 23:
        return None
    hours = data[2] >> 5 & 3
    sign = "+" if data[2] & 0x80 else "-"
    begin = f"--{begin_month:02}-{begin_day:02}T{begin_hour:02}"
    return f"{begin}/--{end_month:02}-{end_day:02} {sign}{hours} h"
