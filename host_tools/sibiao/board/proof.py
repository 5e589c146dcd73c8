"""What the running node says of itself after a flash, and whether that is what was sent."""

from __future__ import annotations

import ast
import time

from sibiao.board import identity
from sibiao.board.copy import Progress
from sibiao.board.slots import Look
from sibiao.config.constants import config_source
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError

_CONFIRM_S = 90
_ASK_AGAIN_S = 0.5


def proof(port: str, slot: str, found: Look, loaded: Loaded, progress: Progress) -> dict:
    """The running node names its slot, configuration, address and chip; one whose trial is not
    over yet is asked again. `found`: the board before. SibiaoError when it is not as sent."""
    confirmed, doing = found.confirmed, "waiting for the node's own report"

    def waiting() -> None:
        progress(doing, 0, 0)

    errors: list[str] = []
    end = time.monotonic() + _CONFIRM_S
    report = None
    while (left_s := end - time.monotonic()) > 0:
        try:
            report = identity.ask(port, left_s, errors.append, waiting)
        except SibiaoError:  # its port did not come back
            report = None
        if report is None or not report.get("trial"):
            break
        doing = f"slot {slot} is on trial"
        time.sleep(_ASK_AGAIN_S)
    said = f"; its console said last: {errors[-1]}" if errors else ""
    if report is None:
        old = f": it then starts slot {confirmed}" if confirmed and confirmed != slot else ""
        raise SibiaoError(
            f"the node on {port} did not report within {_CONFIRM_S} s of its start{said}; "
            f"unplug it and plug it in again{old}"
        )
    if report.get("slot") != slot or report.get("trial"):
        why = report.get("fault") or "it does not say why"
        raise SibiaoError(
            f"the new slot did not pass its trial start ({why}), and the board on {port} runs "
            f"slot {report.get('slot')} as before{said}"
        )
    fault = report.get("fault") or ""
    if slot != confirmed and fault.startswith(f"{slot}:"):
        # main.py starts it all the same: there is no other.
        raise SibiaoError(
            f"the new slot did not pass its trial start ({fault}), and the board on {port} runs "
            f"it for want of another{said}; repeat, and replace the board if it happens again"
        )
    _compare(report, found, loaded, port)
    return report


def digest(loaded: Loaded) -> str:
    """By which a running node names its configuration."""
    return ast.literal_eval(config_source(loaded).rpartition("DIGEST = ")[2])


def _compare(report: dict, found: Look, loaded: Loaded, port: str) -> None:
    community = loaded.community
    for key, wanted in (
        ("config", digest(loaded)),
        ("serial", community.serial),
        ("address", community.address),
        ("unit", found.board_id),
    ):
        if report.get(key) != wanted:
            raise SibiaoError(
                f"the node on {port} reports {key} {report.get(key)!r} instead of {wanted!r}: "
                "is another board on this port now? Repeat"
            )
