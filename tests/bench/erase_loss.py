"""What a flash erase costs a pulse input: the declared limit of `irq`, and nothing for `pio`.

While the flash is erased the processor runs nothing, interrupts included. The board is brought to
where its next commit erases, and copies of it get pulses that fall upon the erase at every phase.
"""

from __future__ import annotations

from dataclasses import dataclass

from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.node.pico.nor import FlashOperation, FlashTiming

from tests.bench import bench_node
from tests.bench.figure import Figure, figure
from tests.bench.pulse_rate import PULSES, loaded_for, width_us
from tests.node import asking
from tests.node.asking import CONVERTER, MS, PULSE_PIN, S

TYPICAL_ERASE_NS, SLOWEST_ERASE_NS = 60 * MS, 400 * MS
RATES_HZ = (1, 2, 5, 10, 20)
PIO_RATE_HZ = 100_000
_AFTER_NS = 40 * MS  # how long the fast train outlasts the erase that starts it
PHASES = 8
_COMMIT_LIMIT_NS = 20 * S
_MOST_COMMITS = 64
_COMMIT_PULSES = 10  # the sample community's policy


@dataclass(frozen=True)
class Erased:
    rate_hz: int
    emitted: int
    counted: int
    erases: int


def measure(rates_hz=RATES_HZ, phases: int = PHASES) -> list[Figure]:
    node = before_an_erase()
    figures = [
        _figure(node, title, erase_ns, rate_hz, phases)
        for title, erase_ns in (("60 ms", TYPICAL_ERASE_NS), ("400 ms", SLOWEST_ERASE_NS))
        for rate_hz in rates_hz
    ]
    return [*figures, pio_figure()]


def pio_figure() -> Figure:
    node = before_an_erase(loaded_for("pio", width_us(PIO_RATE_HZ)))
    tries = [
        node.forked(_send_fast, PIO_RATE_HZ, erase_ns)
        for erase_ns in (TYPICAL_ERASE_NS, SLOWEST_ERASE_NS)
    ]
    return figure(
        PULSES,
        f"lost in an erase by pio, at {PIO_RATE_HZ // 1000} kHz",
        "pulses",
        [t.emitted - t.counted for t in tries],
        f"an erase of 60 ms and one of 400 ms, the slowest; square pulses, filter "
        f"{width_us(PIO_RATE_HZ)} us; {sum(t.emitted for t in tries)} pulses, "
        f"{sum(t.erases for t in tries)} erases",
        at_most=0,
    )


def _figure(node, title: str, erase_ns: int, rate_hz: int, phases: int) -> Figure:
    period_ns = S // rate_hz
    tries = [
        node.forked(_send, rate_hz, erase_ns, phase * period_ns // phases)
        for phase in range(phases)
    ]
    return figure(
        PULSES,
        f"lost in an erase of {title}, at {rate_hz} Hz",
        "pulses",
        [t.emitted - t.counted for t in tries],
        "60 ms are typical, 400 ms the slowest; square pulses, the sample meter's filter (10 ms), "
        f"{phases} phases; {sum(t.emitted for t in tries)} pulses, "
        f"{sum(t.erases for t in tries)} erases. A contact that is closed for less than an erase "
        "can be lost at any rate",
    )


def before_an_erase(loaded: Loaded | None = None):
    """A node at work whose next commit of a total erases a sector."""
    node = bench_node.at_work(loaded)
    for _ in range(node.forked(_commits_to_erase) - 1):
        _commit(node)
    return node


def _commits_to_erase(node) -> int:
    """How many commits until one erases, that one included."""
    for commits in range(1, _MOST_COMMITS + 1):
        if _commit(node):
            return commits
    raise SibiaoError(f"no erase in {_MOST_COMMITS} commits")


def _commit(node) -> bool:
    """Pulses enough for one commit, and life until it is made; whether that erased."""
    flash = node.chip.flash
    programs, erases = flash.programs, flash.erases
    asking.pulses(node, _COMMIT_PULSES)
    if not node.run_until(lambda: flash.programs > programs, _COMMIT_LIMIT_NS):
        raise SibiaoError("no commit came")
    node.run(S)
    return flash.erases > erases


def _send(node, rate_hz: int, erase_ns: int, delay_ns: int) -> Erased:
    flash = node.chip.flash
    flash.timing = FlashTiming(sector_erase_ns=erase_ns)
    ended_ns: list[int] = []

    def operation(began: FlashOperation) -> None:
        if began.kind == "erase":
            ended_ns.append(began.start_ns + began.busy_ns)

    flash.on_operation = operation
    before = asking.read(node, CONVERTER, "E0010900")
    half_ns = S // rate_hz // 2
    emitted = 0
    node.run(delay_ns)
    # The last pulses come well after the erase, so that none is cut short by the end.
    while not ended_ns or node.clock.now_ns < ended_ns[-1] + 2 * S // rate_hz:
        if emitted * 2 * half_ns > _COMMIT_LIMIT_NS:
            raise SibiaoError("no erase came")
        for level in (0, 1):
            node.set_pin(PULSE_PIN, level)
            node.run(half_ns)
        emitted += 1
    node.run(300 * MS)
    counted = asking.read(node, CONVERTER, "E0010900") - before
    return Erased(rate_hz, emitted, counted, len(ended_ns))


def _send_fast(node, rate_hz: int, erase_ns: int) -> Erased:
    """A few slow pulses bring about the commit; its erase starts the fast train."""
    flash = node.chip.flash
    flash.timing = FlashTiming(sector_erase_ns=erase_ns)
    half_ns = S // rate_hz // 2
    count = rate_hz * (erase_ns + _AFTER_NS) // S
    trains = []
    erases: list[int] = []

    def operation(began: FlashOperation) -> None:
        if began.kind == "erase":
            erases.append(began.start_ns)
            if not trains:
                edges = ((half_ns, level) for _ in range(count) for level in (0, 1))
                trains.append(node.edges(PULSE_PIN, edges))

    flash.on_operation = operation
    before = asking.read(node, CONVERTER, "E0010900")
    asking.pulses(node, _COMMIT_PULSES)
    if not node.run_until(lambda: trains and trains[0].finished, _COMMIT_LIMIT_NS):
        raise SibiaoError("no erase came")
    node.run(300 * MS)
    counted = asking.read(node, CONVERTER, "E0010900") - before
    return Erased(rate_hz, count + _COMMIT_PULSES, counted, len(erases))
