"""Pulse points as constants for the device: sources, weight, limits, guards."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from converter.model import alarms

from sibiao.config.device.life import loss_bound_pulses
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.config.schema.pulse import PulseInput, PulseMeter

COUNT_ON = ("pio", "counter")  # while the flash is erased or memory collected (docs/metering.md)
_WIRING = {"single": 0, "quadrature": 1, "sequence": 2}
_FLOW_DIGITS = 3  # thousandths of the dial's unit


def pulse_points(loaded: Loaded) -> list[tuple]:
    """One tuple a pulse point, as `app/pulse_build.py` of the firmware reads it.

    Pairs come first: their program fills the RP2040's first PIO block, which others would enter.
    """
    return sorted(_points(loaded), key=lambda point: point[1] != _WIRING["quadrature"])


def _points(loaded: Loaded) -> Iterator[tuple]:
    save = loaded.community.policy.save
    for number, point in enumerate(loaded.community.points, 1):
        meter = loaded.meters[point.meter]
        if meter.link != "pulse":
            continue
        weight = meter.weight
        yield (
            number,
            _WIRING[meter.contacts],
            _sources(loaded, point, meter),
            (weight.numerator, weight.denominator, weight.exponent, meter.dial_digits),
            (save.every_pulses, save.at_least_every_s, save.at_most_every_s),
            loss_bound_pulses(loaded, meter),
            on_dial(point.base_reading, meter),
            _limits(meter),
            meter.max_pulses_per_h,
            _guards(loaded, point, meter),
        )


def wires_of(point: Point) -> list[str]:
    """Names of the board's inputs that the point's contacts are wired to."""
    return [point.wired_to] if isinstance(point.wired_to, str) else list(point.wired_to)


def _sources(loaded: Loaded, point: Point, meter: PulseMeter) -> tuple:
    inputs = [loaded.board.pulse_inputs[name] for name in wires_of(point)]
    if meter.contacts == "quadrature":
        a, b = inputs
        return ((f"pair_{a.source}", (a.gpio, b.gpio, int(a.active == "high"), a.pull_up)),)
    return tuple(_source(meter, pin, loaded.chip.adc_full_mv) for pin in inputs)


def _source(meter: PulseMeter, pin: PulseInput, full_mv: int | None) -> tuple:
    widths_us = (round(meter.min_active_ms * 1000), round(meter.min_idle_ms * 1000))
    active = int(pin.active == "high")
    if pin.source != "namur":
        return f"pulse_{pin.source}", (pin.gpio, active, pin.pull_up, *widths_us)
    levels_mv = (
        pin.namur.cut_below_mv,
        pin.namur.open_below_mv,
        pin.namur.closed_above_mv,
        pin.namur.short_above_mv,
    )
    thresholds = tuple(round(mv * 65535 / full_mv) for mv in levels_mv)
    return "pulse_namur", (pin.gpio, active, thresholds, *widths_us)


def _limits(meter: PulseMeter) -> tuple:
    limits = meter.alarms
    return (
        _flow(meter, limits.over_flow_m3_per_h),
        limits.over_flow_s,
        _flow(meter, limits.burst_m3_per_h),
        limits.burst_s,
        60 * (limits.leak_pause_min or 0),
        3600 * (limits.no_consumption_h or 0),
        limits.backflow_pulses or 0,
    )


def _flow(meter: PulseMeter, m3_per_h: float | None) -> int:
    if m3_per_h is None:
        return 0
    return int(Decimal(str(m3_per_h)).scaleb(_FLOW_DIGITS - meter.weight.exponent))


def _guards(loaded: Loaded, point: Point, meter: PulseMeter) -> tuple:
    # (alarm, contact, its level that is a fault)
    guards = []
    for name, alarm, wrong in (
        (point.tamper, alarms.TAMPER, int(meter.tamper_when == "closed")),
        (point.cable, alarms.CABLE_CUT, 0),
    ):
        if name is not None:
            pin = loaded.board.pulse_inputs[name]
            guards.append((alarm, (pin.gpio, int(pin.active == "high"), pin.pull_up), wrong))
    return tuple(guards)


def on_dial(reading: str, meter: PulseMeter) -> int | None:
    """A reading in m3 as the number that the dial shows, its decimal point left out; None where
    it shows no such number."""
    try:
        scaled = Decimal(reading).scaleb(-meter.weight.exponent)
    except InvalidOperation:
        return None
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        return None
    return int(scaled) if 0 <= scaled < 10**meter.dial_digits else None
