"""What a community's sheet says besides its wiring: rows of text, ready for both templates."""

from __future__ import annotations

from typing import Any

from sibiao.config import schema
from sibiao.config.check.pulses import DECLARED_HZ
from sibiao.config.device import identifiers
from sibiao.config.device.buses import codes, points_by_bus
from sibiao.config.device.life import life
from sibiao.config.device.pulses import wires_of
from sibiao.config.load import Loaded
from sibiao.config.terms import QUANTITIES
from sibiao.sheet.warnings import warnings
from sibiao.sheet.wiring import groups, meter_address, pin_name, settings

_UNIT_LOAD_MA = 1.5  # EN 13757-2: what an M-Bus meter draws
_PULSE_QUANTITIES = {"volume", "pulses", "forward", "reverse", "flow", "sequence", "generation"}
_PULSE_QUANTITIES |= {"loss_bound", "gap", "alarms"}
_OWN = {"starts", "reset_cause", "hung_task", "events", "last_event", "commits", "slow_commits"}
_OWN |= {"longest_commit"}


def facts(loaded: Loaded) -> dict[str, Any]:
    """Every table by its name; texts are plain, the templates escape them."""
    return {
        "name": loaded.name,
        "community": loaded.community,
        "board": loaded.board,
        "chip": loaded.chip,
        "uplink": loaded.uplink,
        "verified": _verified(loaded),
        "warnings": warnings(loaded),
        "wires": _wires(loaded),
        "meters": _meters(loaded),
        "pulses": _pulses(loaded),
        "buses": _buses(loaded),
        "lines": _lines(loaded),
        "identifiers": _identifiers(loaded),
        "policies": _policies(loaded.community.policy),
        "life": _life(loaded),
    }


def _verified(loaded: Loaded) -> str:
    if loaded.board.verified == "emulated":
        return "on an emulated chip only"
    return "yes, on its chip" if loaded.board.verified else "no: it never ran on its chip"


def _wires(loaded: Loaded) -> list[tuple[str, str, str, str]]:
    return [
        (pin_name(loaded, wire.gpio), wire.role, group.title, wire.how)
        for group in groups(loaded)
        for wire in group.wires
    ]


def _meters(loaded: Loaded) -> list[tuple[str, ...]]:
    rows = []
    for number, point in enumerate(loaded.community.points, 1):
        meter = loaded.meters[point.meter]
        where = " and ".join(wires_of(point))
        address = meter_address(point) or "-"
        rows.append((f"{number:02d}", point.name, point.address, meter.title, where, address))
    return rows


def _pulses(loaded: Loaded) -> list[tuple[str, ...]]:
    rows = []
    for point in loaded.community.points:
        meter = loaded.meters[point.meter]
        if meter.link != "pulse":
            continue
        inputs = [loaded.board.pulse_inputs[name] for name in wires_of(point)]
        most_hz = min(DECLARED_HZ[pin.source] for pin in inputs)
        rows.append(
            (
                point.name,
                f"{meter.m3_per_pulse.normalize():f} m³",
                f"{point.base_reading} m³",
                f"{meter.max_flow_m3_per_h:g} m³/h, {meter.max_pulses_per_h / 3600:.3g} Hz",
                f"{most_hz} Hz",
                f"{meter.min_active_ms:g} / {meter.min_idle_ms:g} ms",
            )
        )
    return rows


def _buses(loaded: Loaded) -> list[tuple[str, ...]]:
    rows = []
    for name, points in points_by_bus(loaded).items():
        meters = [loaded.meters[p.meter] for _, p in points]
        uart = loaded.board.uarts[name]
        lines = sorted({settings(p.line or loaded.meters[p.meter].line) for _, p in points})
        drawn = _UNIT_LOAD_MA * sum(meter.link == "mbus" for meter in meters)
        budget = loaded.board.mbus_budget_ma
        load = f"{drawn:g} mA" if drawn else "-"
        load += f" of {budget:g} mA" if drawn and budget else ""
        load += ", the board's supply is not told" if drawn and not budget else ""
        rows.append((name, f"UART {uart.uart}", ", ".join(lines), str(len(points)), load))
    return rows


def _lines(loaded: Loaded) -> list[tuple[str, str]]:
    uplink, uart = loaded.uplink, loaded.board.uarts["uplink"]
    rows = [
        ("UART", f"{uart.uart}, 8 data bits, 1 stop bit"),
        ("line", settings(uplink.line)),
        ("preamble", f"{uplink.preamble_bytes} bytes FE"),
        ("converter's address", loaded.community.address),
        ("wildcards are answered by", f"the {loaded.community.bind}"),
        ("requests sealed", uplink.sealed),
    ]
    if uplink.quiet_ms:
        rows.append(("silence before an answer", f"{uplink.quiet_ms} ms"))
    if module := uplink.module:
        rates = ", ".join(map(str, module.bind_bauds))
        rows.append(("module", f"{module.kind.upper()}, found at {rates} baud"))
    return rows


def _identifiers(loaded: Loaded) -> list[tuple[str, ...]]:
    """Those that some point of the community, or the converter, has something for."""
    held = {"address", "status", *_OWN}
    units: dict[str, set[str]] = {}
    by_code = {code: name for name, code in QUANTITIES.items()}
    for point in loaded.community.points:
        meter = loaded.meters[point.meter]
        if meter.link == "pulse":
            held |= _PULSE_QUANTITIES
        else:
            held |= {by_code[code] for code in codes(meter, point.meter)}
        for row in getattr(meter, "golden", ()):
            for name, text in row.values.items():
                units.setdefault(name, set()).add(text.partition(" ")[2])
    rows = []
    for row in loaded.uplink.identifiers:
        if row.quantity and row.quantity not in held:
            continue
        if row.unit in ("kWh", "GJ") and _other_energy(row, units):
            continue
        what = row.name.replace("_", " ")
        back = f", 01 to {identifiers.reach(row):02X}" if row.di.endswith("##") else ""
        pattern = row.format if len(row.format) <= 14 else f"X × {row.format.count('X')}"
        rows.append((row.di, what + back, pattern, row.unit or ""))
    return rows


def _other_energy(row: schema.Identifier, units: dict[str, set[str]]) -> bool:
    """Whether no meter sends that energy in units of its kind (Wh and its multiples, or J)."""
    kind = "J" if row.unit == "GJ" else "Wh"
    sent = units.get(row.quantity, set()) - {""}
    return bool(sent) and not any(unit.endswith(kind) for unit in sent)


def _policies(policy: schema.Policy) -> list[tuple[str, str]]:
    save, settled, access = policy.save, policy.settlement, policy.access
    return [
        (
            "a total is written",
            (
                f"after {save.every_pulses} pulse{'s' * (save.every_pulses > 1)}, not twice in "
                f"{save.at_most_every_s} s, at the latest {save.at_least_every_s} s after the "
                "first pulse"
            ),
        ),
        (
            "bus meters are asked",
            (
                f"every {policy.poll_every_s} s, up to {policy.poll_jitter_s} s later, "
                f"{policy.poll_tries} tries; silent ones every {policy.poll_silent_every_s} s"
            ),
        ),
        ("settlement", f"day {settled.day}, {settled.hour}:00; yearly in month {settled.month}"),
        ("sent to meters from outside", ", ".join(policy.allow) or "neither valve nor motor sync"),
        (
            "passwords",
            (
                f"{access.wrong_passwords} wrong ones lock for {access.lock_minutes} minutes; the "
                f"programming window is {access.window_minutes} minutes"
            ),
        ),
    ]


def _life(loaded: Loaded) -> dict[str, Any]:
    found = life(loaded)
    typical, worst = found.commit_ms
    fram = loaded.board.fram is not None
    supply = "The board does not say when its supply fails."
    if found.hold_up_ms is not None:
        supply = f"The board lives on for {found.hold_up_ms} ms when its supply fails: "
        supply += "nothing counted is lost." if found.covered else "too short to promise anything."
    return {
        "rows": [
            (
                p.name,
                f"{p.loss_pulses} pulses",
                f"{p.loss_m3.normalize():f} m³",
                f"{p.commits_per_h:.0f}",
                "-" if fram else f"{p.erases_per_h:.1f}",
            )
            for p in found.points
        ],
        "years": f"{found.flash_years:.0f}",
        "commit": f"{typical:.0f} ms, {worst:.0f} ms at the worst",
        "supply": supply,
        "fram": fram,
    }
