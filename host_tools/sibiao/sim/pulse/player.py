"""Puts a story's edges on a node's pins, in the node's own time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sibiao.node.contract import Cancel, Node
from sibiao.sim.pulse.story import Story


class PulsePlayer:
    """Plays from now on. `pins` gives the GPIO of each wire; a wire without one is left alone.

    A wire in millivolts is put by `set_mv(wire, millivolts)`, for benches that can.
    """

    def __init__(
        self,
        node: Node,
        story: Story,
        pins: Mapping[str, int],
        set_mv: Callable[[str, int], None] | None = None,
    ):
        missing = [wire for wire in story.wiring.contacts if wire not in pins]
        if missing and not (story.wiring.is_analogue and set_mv):
            raise ValueError(f"wiring {story.wiring.kind!r} needs a pin for {', '.join(missing)}")
        self.story = story
        self.began_ns = node.clock.now_ns
        self._node = node
        self._pins = pins
        self._set_mv = set_mv
        self._edges = iter([e for e in story.edges() if self._goes_out(e[1])])
        self._next = next(self._edges, None)
        self._cancel: Cancel | None = None
        self._play()

    @property
    def done(self) -> bool:
        return self._node.clock.now_ns - self.began_ns >= self.story.end_ns

    @property
    def busy(self) -> bool:
        """Whether the story wants the node kept busy now."""
        now_ns = self._node.clock.now_ns - self.began_ns
        return any(begin <= now_ns < end for begin, end in self.story.busy)

    def stop(self) -> None:
        """The wires stay as they are."""
        if self._cancel:
            self._cancel()

    def _goes_out(self, wire: str) -> bool:
        return wire in self._pins or bool(self._set_mv and wire in self.story.wiring.contacts)

    def _play(self) -> None:
        # One appointment at a time: a long story does not fill the node's clock.
        now_ns = self._node.clock.now_ns - self.began_ns
        while self._next and self._next[0] <= now_ns:
            _, wire, value = self._next
            if self.story.wiring.is_analogue and wire in self.story.wiring.contacts:
                self._set_mv(wire, value)
            else:
                self._node.set_pin(self._pins[wire], value)
            self._next = next(self._edges, None)
        if self._next:
            self._cancel = self._node.clock.call_later(self._next[0] - now_ns, self._play)
