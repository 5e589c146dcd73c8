"""A meter's course as SVG: dial and register above, the drift in pulses below, over one time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from math import ceil, floor, log10

from sibiao.reconcile.report import MeterReport

_WIDTH, _LEFT, _RIGHT = 920, 78, 18
_ABOVE, _BELOW = (30, 170), (214, 354)  # top and bottom of the two panels
_HEIGHT = 388
_TICKS = 5
_DIAL, _REGISTER, _GOOD, _BAD, _RESTART = "#8a6d00", "#1f5fa8", "#00784f", "#b3261e", "#7a3fa0"
_DAY = timedelta(days=1)

Scale = Callable[[float], float]


def plot(meter: MeterReport) -> str:
    """Nothing where no reading could be compared."""
    readings = [r for r in meter.readings if r.compared and r.drift is not None]
    if not readings:
        return ""
    times = [r.compared.time for r in readings]
    x = _time_scale(times)
    dials = [float(r.compared.dial_m3) for r in readings]
    registers = [float(r.compared.register_m3) for r in readings]
    step = float(meter.course.step)
    # One misread dial does not squeeze all others into a line.
    believed = [r for r in readings if not r.note] or readings
    low, high = _span([float(r.drift) for r in believed] + [-2 * step, 2 * step])
    y_drift = _scale(low, high, *_BELOW)
    told = [n for n, r in enumerate(readings) if not r.note]
    y_m3 = _scale(*_span([v[n] for v in (dials, registers) for n in told or [0]]), *_ABOVE)

    parts = [_frame(_ABOVE), _frame(_BELOW)]
    parts += _y_axis(_span([v[n] for v in (dials, registers) for n in told or [0]]), y_m3, "m³")
    parts += _y_axis((low, high), y_drift, "pulses", signed=True)
    parts += _x_axis(times, x)
    top, bottom = y_drift(step), y_drift(-step)
    parts.append(
        f'<rect x="{_LEFT}" y="{top:.1f}" width="{_WIDTH - _LEFT - _RIGHT}" '
        f'height="{bottom - top:.1f}" fill="{_GOOD}" fill-opacity="0.13"/>'
    )
    for r in readings:
        if r.compared.restarted:
            parts.append(_line(x(r.compared.time), _BELOW[0], x(r.compared.time), _BELOW[1],
                               _RESTART, "3 3"))  # fmt: skip
    at = [x(time) for time in times]
    parts.append(_path([(at[n], y_m3(registers[n])) for n in told], _REGISTER, 2))
    parts.append(_path([(at[n], y_m3(dials[n])) for n in told], _DIAL, 2, "5 4"))
    parts.append(_path([(at[n], y_drift(float(readings[n].drift))) for n in told], "#5b6470", 1))
    for place, r in zip(at, readings, strict=True):
        y = min(max(y_drift(float(r.drift)), _BELOW[0]), _BELOW[1])
        title = f"<title>{_title(r, meter)}</title>"
        if r.note:
            parts.append(f'<path d="M{place - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10" '
                         f'stroke="{_BAD}" stroke-width="2">{title}</path>')  # fmt: skip
            continue
        fill = _GOOD if r.agrees else _BAD
        parts.append(
            f'<circle cx="{place:.1f}" cy="{y:.1f}" r="3.6" fill="{fill}">{title}</circle>'
        )
    parts += _legend()
    label = f"Course of {meter.course.name}: {meter.finding.cause}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{label}" font-family="DejaVu Sans, Arial, sans-serif" font-size="11">'
        + "".join(parts)
        + "</svg>"
    )


def _title(r, meter: MeterReport) -> str:
    unit = float(r.drift * meter.course.weight_m3)
    return (
        f"{r.compared.time:%Y-%m-%d %H:%M}: dial {r.dial_m3} m³, register "
        f"{float(r.compared.register_m3):g} m³, {float(r.drift):+.1f} pulses ({unit:+.3f} m³)"
        f"{'; ' + r.note if r.note else ''}"
    )


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = (high - low) * 0.06 or abs(high) * 0.01 or 1
    return low - margin, high + margin


def _scale(low: float, high: float, top: int, bottom: int) -> Scale:
    return lambda value: bottom - (value - low) / (high - low) * (bottom - top)


def _time_scale(times: Sequence[datetime]) -> Callable[[datetime], float]:
    first, last = times[0], times[-1]
    whole = (last - first).total_seconds() or 1
    width = _WIDTH - _LEFT - _RIGHT - 16
    return lambda time: _LEFT + 8 + (time - first).total_seconds() / whole * width


def _frame(panel: tuple[int, int]) -> str:
    top, bottom = panel
    return (
        f'<rect x="{_LEFT}" y="{top}" width="{_WIDTH - _LEFT - _RIGHT}" height="{bottom - top}" '
        'fill="#fff" stroke="#c3cad2"/>'
    )


def _y_axis(span: tuple[float, float], y: Scale, unit: str, signed: bool = False) -> list[str]:
    step = _round_step((span[1] - span[0]) / _TICKS)
    decimals = max(0, -floor(log10(step)))
    parts = []
    for n in range(ceil(span[0] / step), floor(span[1] / step) + 1):
        value = n * step
        text = f"{value:{'+' if signed and n else ''}.{decimals}f}"
        strong = "#5b6470" if signed and n == 0 else "#e4e8ec"
        parts.append(_line(_LEFT, y(value), _WIDTH - _RIGHT, y(value), strong))
        parts.append(_text(_LEFT - 6, y(value) + 4, text, "end"))
    top = y(span[1])
    parts.append(_text(_LEFT - 6, top - 9, unit, "end", bold=True))
    return parts


def _x_axis(times: Sequence[datetime], x: Callable[[datetime], float]) -> list[str]:
    days = max(1, round((times[-1] - times[0]) / _DAY))
    stride = next(s for s in (1, 2, 7, 14, 28, 91, 182, 365, 10_000) if days / s <= 9)
    day = times[0].replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    parts = []
    while day <= times[-1]:
        at = x(day)
        for top, bottom in (_ABOVE, _BELOW):
            parts.append(_line(at, top, at, bottom, "#eef1f4"))
        parts.append(
            _text(at, _BELOW[1] + 16, f"{day:%d %b %Y}" if not parts[2:] else f"{day:%d %b}")
        )
        day += stride * _DAY
    return parts


def _legend() -> list[str]:
    y = 16
    entries = ((_REGISTER, "register (converter)", ""), (_DIAL, "dial (person)", "5 4"))
    parts, x = [], _LEFT
    for colour, text, dash in entries:
        parts += [_line(x, y - 4, x + 24, y - 4, colour, dash, 2), _text(x + 30, y, text, "start")]
        x += 170
    y = 204
    parts.append(_text(_LEFT, y, "register less dial:", "start", bold=True))
    x = _LEFT + 120
    for colour, text in ((_GOOD, "agrees"), (_BAD, "does not")):
        parts.append(f'<circle cx="{x}" cy="{y - 4}" r="3.6" fill="{colour}"/>')
        parts.append(_text(x + 9, y, text, "start"))
        x += 74
    parts.append(f'<path d="M{x} {y - 8}l8 8m0 -8l-8 8" stroke="{_BAD}" stroke-width="2"/>')
    parts.append(_text(x + 14, y, "probably misread", "start"))
    parts.append(_line(x + 132, y - 10, x + 132, y + 2, _RESTART, "3 3"))
    parts.append(_text(x + 140, y, "converter restarted since the reading before", "start"))
    return parts


def _round_step(least: float) -> float:
    decade = 10.0 ** floor(log10(least))
    return next(decade * m for m in (1, 2, 5, 10) if decade * m >= least)


def _line(x1, y1, x2, y2, colour: str, dash: str = "", width: float = 1) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width}"{dashed}/>'
    )


def _text(x: float, y: float, text: str, anchor: str = "middle", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    placed = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#1f2328"{weight}'
    return f"<text {placed}>{text}</text>"


def _path(points: Iterable[tuple[float, float]], colour: str, width: float, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    joined = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{joined}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'
