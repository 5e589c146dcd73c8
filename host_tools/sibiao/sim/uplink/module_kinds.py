"""Communication modules as data: how each finds the converter, and what it asks of its answers.

plc: the start-up of HPLC station modules as their public firmware does it. rf: no document of a
node's serial side is public; these are assumptions, made as strict as is plausible.
"""

from __future__ import annotations

from dataclasses import dataclass

from sibiao.sim.wire import NS_PER_MS, NS_PER_S

OF_2007, OF_698 = "645-2007", "698.45"


@dataclass(frozen=True)
class ModuleKind:
    trials: tuple[tuple[int, str], ...]  # (baud, protocol) of each address read, in this order
    preamble: int  # FE before what it forwards to the converter
    least_preamble: int = 0  # FE that an answer needs before its 68H, or it is lost
    quiet_ns: int = 0  # rest between a request and its answer, or the answer is lost
    trial_ns: int = 800 * NS_PER_MS  # it waits so long for an address
    round_ns: int = NS_PER_S  # rest after a round of trials without an answer
    answer_ns: int = 700 * NS_PER_MS  # it waits so long for an answer to begin
    meter_ns: int = 4 * NS_PER_S  # the same for 1FH, where a meter is asked first
    sta_ns: int = 200 * NS_PER_MS  # STA is high so long when it is bound
    reset_ns: int = 200 * NS_PER_MS  # /RST has to be low so long
    missing: int = 10  # answers missing in a row: it binds anew


def _each(*rates: int) -> tuple[tuple[int, str], ...]:
    return tuple((baud, protocol) for baud in rates for protocol in (OF_698, OF_2007))


KINDS = {
    "plc": ModuleKind(_each(2400, 9600, 19200, 38400, 1200, 4800), preamble=4),
    "rf": ModuleKind(
        ((9600, OF_2007), (2400, OF_2007), (9600, OF_698), (2400, OF_698)),
        preamble=12,
        least_preamble=4,
        quiet_ns=20 * NS_PER_MS,
    ),
}
