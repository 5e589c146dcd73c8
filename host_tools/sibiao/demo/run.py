"""One run of the scene: starting, reading, settling, done; every value judged as it comes in.

A collected value is true when the meter's own dial showed it, at the register's resolution, at
some moment between `lag_ns` before the request and the end of the answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sibiao.demo.scene import Scene, Watched
from sibiao.demo.water import MakeWater, SteadyWater
from sibiao.node.contract import Node
from sibiao.sim.bus.heat_meter import HeatMeter
from sibiao.sim.quantity import Quantity
from sibiao.sim.uplink.electricity_meter import ElectricityMeter, Exchange
from sibiao.sim.wire import NS_PER_MS, NS_PER_S, Frame

STARTING, READING, SETTLING, DONE = "starting", "reading", "settling", "done"

_READY_LIMIT_NS = 15 * NS_PER_S  # of the node's time until every register has a value
_OVERTIME_NS = 15 * NS_PER_S  # after which what has not ended is ended
_SETTLE_NS = 500 * NS_PER_MS  # from the contact's last opening to the last reading
_LAST_ROUND_NS = 4 * NS_PER_S  # what settling and the last reading take, about


@dataclass
class Follow:
    """What became of one reading."""

    watched: Watched
    collected: Exchange | None = None  # by the electricity meter in its rounds
    register: Quantity | None = None  # the converter's latest answer, whoever asked
    judged: int = 0
    untrue: list[Quantity] | None = None

    def judge(self, value: Quantity, is_true: bool) -> None:
        self.judged += 1
        if not is_true:
            self.untrue = [*(self.untrue or []), value]


class DemoRun:
    """`step` lets the node live; everything else happens in the simulators' callbacks."""

    def __init__(
        self,
        node: Node,
        scene: Scene,
        seconds: float,
        make_water: MakeWater = SteadyWater,
        keep_frames: int = 60,
    ):
        self.node = node
        self.scene = scene
        self.phase = STARTING
        self.frames: deque[Frame] = deque(maxlen=keep_frames)
        self.follows = {w.name: Follow(w) for w in scene.points}
        self.began_ns = node.clock.now_ns
        self.ready_ns: int | None = None
        self.counted: int | None = None
        self.alarms = 0  # as the converter has latched them, a bit each
        self.last_round_done = False
        self._counted_before: int | None = None
        self._seconds_ns = int(seconds * NS_PER_S)
        self._settled_ns: int | None = None
        heat = scene.heat
        self.water = make_water(node, scene)
        self.heat = HeatMeter(
            node.clock,
            node.line(heat.uart),
            address=heat.address,
            baud=heat.baud,
            parity=heat.parity,
            on_frame=self.frames.append,
        )
        # Of the water meter, beside the dial's register.
        self._more = [item for item in (scene.pulses, self.water.alarms) if item]
        self.rounds = self._reader([w.read for w in scene.points] + self._more, self._read)
        self.last_round: ElectricityMeter | None = None
        self.rounds.start()

    @property
    def now_ns(self) -> int:
        """The node's time since the run began."""
        return self.node.clock.now_ns - self.began_ns

    @property
    def tried(self) -> int:
        return sum(c.tried for reader in self.readers for c in reader.collected.values())

    @property
    def ok(self) -> int:
        return sum(c.ok for reader in self.readers for c in reader.collected.values())

    @property
    def readers(self) -> list[ElectricityMeter]:
        return [self.rounds] + ([self.last_round] if self.last_round else [])

    def dial(self, watched: Watched) -> Quantity:
        """What the meter itself shows now, in the register's unit and digits."""
        truth = self.water.dial if watched.meter == "water" else self.heat.truth()[watched.truth]
        return truth.at(-watched.read.decimals, watched.read.unit)

    @property
    def quiet(self) -> bool:
        """No frame is on its way: now a node in real time does not mind to be left alone."""
        return not self.heat.busy and not any(reader.busy for reader in self.readers)

    def step(self, span_ns: int, wanted: Callable[[], bool] = lambda: False) -> bool:
        """Let the node live for a span of its time; True while there is more to see.

        While something else is `wanted`, it ends as soon as the lines are quiet.
        """
        if self.phase != DONE:
            self.node.run_until(lambda: self.quiet and wanted(), span_ns)
            self._next_phase()
        return self.phase != DONE

    def _next_phase(self) -> None:
        now_ns = self.now_ns
        if self.phase == STARTING and now_ns > _READY_LIMIT_NS:
            self.phase = DONE
        elif self.phase == READING and self._may_settle(now_ns):
            self.phase = SETTLING
            self.water.stop()
        elif self.phase == SETTLING:
            self._settle()
            if self.last_round_done or now_ns > self._seconds_ns + _OVERTIME_NS:
                self.phase = DONE

    def _may_settle(self, now_ns: int) -> bool:
        all_read = all(f.collected for f in self.follows.values()) and self.water.emitted
        due = now_ns >= self._seconds_ns - _LAST_ROUND_NS
        return now_ns > self._seconds_ns + _OVERTIME_NS or bool(due and all_read)

    def _settle(self) -> None:
        """When the contact has long been open, one last round asks the converter itself."""
        if not self.water.settled or self.last_round:
            return
        if self._settled_ns is None:
            self._settled_ns = self.now_ns
        if self.now_ns < self._settled_ns + _SETTLE_NS:
            return
        self.rounds.stop()
        if not self.rounds.busy:
            items = [w.register for w in self.scene.points]
            self.last_round = self._reader(items + self._more, self._read_last)
            self.last_round.start()

    def _reader(self, items, on_exchange) -> ElectricityMeter:
        uplink = self.scene.uplink
        return ElectricityMeter(
            self.node.clock,
            self.node.line(uplink.uart),
            items,
            baud=uplink.baud,
            parity=uplink.parity,
            on_exchange=on_exchange,
            on_frame=self.frames.append,
        )

    def _read(self, exchange: Exchange) -> None:
        """One exchange of the electricity meter's rounds."""
        if self.ready_ns is None:
            self._look_whether_ready(exchange)
            return
        self._take(exchange)
        follow = self.follows.get(exchange.item.name)
        if follow and exchange.value is not None:
            follow.collected = exchange

    def _look_whether_ready(self, exchange: Exchange) -> None:
        """Ready is when each register has been answered with a value. From then all counts."""
        if exchange.item is self.scene.pulses and exchange.value is not None:
            self._counted_before = exchange.value.value
        if all(held.ok for held in self.rounds.collected.values()):
            self.ready_ns = self.now_ns
            self.phase = READING
            self.rounds.forget()
            self.water.start()

    def _read_last(self, exchange: Exchange) -> None:
        self._take(exchange)
        if all(held.tried for held in self.last_round.collected.values()):
            self.last_round.stop()
            self.last_round_done = True

    def _take(self, exchange: Exchange) -> None:
        if exchange.value is None:
            return
        if exchange.item is self.scene.pulses:
            self.counted = exchange.value.value - self._counted_before
            return
        if exchange.item is self.water.alarms:
            self.alarms = exchange.value.value
            return
        follow = self.follows[exchange.item.name]
        follow.register = exchange.value
        follow.judge(exchange.value, self._is_true(follow.watched, exchange))

    def _is_true(self, watched: Watched, exchange: Exchange) -> bool:
        if watched.meter == "heat":
            self.heat.truth()  # brings its log up to now
        log = self.water.log if watched.meter == "water" else self.heat.logs[watched.truth]
        return log.held(exchange.value, exchange.sent_ns - watched.lag_ns, exchange.ended_ns)
