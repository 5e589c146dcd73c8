"""A label as SVG and as PNG: the QR code at the left, the text beside it."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

import segno
from PIL import Image, ImageDraw, ImageFont

from sibiao.label.unit import Unit

# mm.
_QR = 18.0
_MARGIN = 1.5
_LINE = 3.2
_TEXT = 2.4
_CHARACTER = 1.5  # of the fixed-width text, no narrower than any font draws it
_DPI = 300
_MM_PER_INCH = 25.4


def size_mm(unit: Unit) -> tuple[float, float]:
    """As large as its text: nothing is left out."""
    longest = max(map(len, unit.lines))
    width = 3 * _MARGIN + _QR + longest * _CHARACTER
    return width, 2 * _MARGIN + max(_QR, len(unit.lines) * _LINE)


def svg(unit: Unit) -> str:
    width, height = size_mm(unit)
    modules = _modules(unit)
    side = _QR / len(modules)
    squares = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark
    )
    texts = "".join(
        f'<text x="{2 * _MARGIN + _QR:g}" y="{_baseline(n):g}">{escape(line)}</text>'
        for n, line in enumerate(unit.lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}"><title>{escape(unit.code)}</title>'
        '<rect width="100%" height="100%" fill="#fff"/>'
        f'<path transform="translate({_MARGIN:g} {_MARGIN:g}) scale({side:.6f})" d="{squares}"/>'
        f'<g font-family="monospace" font-size="{_TEXT:g}">{texts}</g></svg>\n'
    )


def png(unit: Unit) -> bytes:
    """300 dpi, black and white."""
    image = Image.new("L", tuple(_px(mm) for mm in size_mm(unit)), 255)
    draw = ImageDraw.Draw(image)
    modules = _modules(unit)
    side = _px(_QR) // len(modules)  # whole pixels: a printer blurs others
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                left, top = _px(_MARGIN) + x * side, _px(_MARGIN) + y * side
                draw.rectangle((left, top, left + side - 1, top + side - 1), 0)
    font = ImageFont.load_default(_px(_TEXT))
    for n, line in enumerate(unit.lines):
        draw.text((_px(2 * _MARGIN + _QR), _px(_baseline(n))), line, 0, font, anchor="ls")
    out = io.BytesIO()
    image.convert("1", dither=Image.Dither.NONE).save(out, "PNG", dpi=(_DPI, _DPI))
    return out.getvalue()


def _modules(unit: Unit) -> list[list[bool]]:
    """With its quiet zone of four modules."""
    code = segno.make_qr(unit.code, error="m")
    return [[bool(dark) for dark in row] for row in code.matrix_iter(border=4)]


def _baseline(line: int) -> float:
    return _MARGIN + line * _LINE + _TEXT


def _px(mm: float) -> int:
    return round(mm * _DPI / _MM_PER_INCH)
