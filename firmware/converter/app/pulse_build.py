"""Builds the pulse inputs of a node from its configuration; loads only the sources it names."""

from converter.app.freezer import owner
from converter.app.pulse_input import PulseInput
from converter.app.pulse_reader import Single, TwoInTurn, TwoOverlapping
from converter.app.pulse_task import PulseTask
from converter.hal import power
from converter.hal.digital_input import DigitalInput
from converter.model import events, gap
from converter.model import point as status
from converter.model.total import Total
from converter.model.watch import Watch
from converter.store.record import ABSENT
from converter.store.totals import KeptTotal

_READERS = (Single, TwoOverlapping, TwoInTurn)

# Without a clock, how long nothing was counted is known only where the node itself restarted.
_RESTART_S = 3
_WATCHDOG_S = 12  # hung for up to 8.4 s, and the start


def build(node, config):
    inputs = [_input(node, *pulse) for pulse in config.PULSES]
    sampled = [each for each in inputs if each.polled]
    task = PulseTask(inputs, sampled, node.now_s, node.record_event)
    for each in inputs:
        each.publish()
    return task


def _input(node, number, wiring, sources, weight, policy, loss, base, limits, max_per_h, guards):
    point = node.points[number]
    kept = KeptTotal(Total(*weight), node.keeper, "total%d" % number, owner(point), policy)
    kept.loss_bound = loss
    problem = kept.load()
    reader = _READERS[wiring](*[_source(node, number, *source) for source in sources])
    guards = [(bit, DigitalInput(*contact), wrong) for bit, contact, wrong in guards]
    watch = Watch(limits, weight[0], weight[1])
    made = PulseInput(number, reader, kept, watch, max_per_h, point, guards, node)
    if problem == ABSENT and not node.gone:
        kept.total.base = base
        kept.dirty = True
    elif problem is None:
        made.open_gap(_missed(node, kept, max_per_h), node.kept_events.alive_s)
    else:
        # Unknown until somebody enters the dial: counted on, but not published and not committed.
        made.lost = True
        point.status = status.LOST
        if not node.gone:
            node.record_event(events.RECORD_LOST, problem, number)
    if not node.trial:
        kept.upgrade()
    return made


def _source(node, number, kind, args):
    module = __import__("converter.hal." + kind, None, None, ("PulseSource",))
    if hasattr(module, "available") and not module.available():
        node.record_event(events.SOURCE_FALLBACK, number)
        module = __import__("converter.hal.pulse_irq", None, None, ("PulseSource",))
    return (module.PairSource if kind.startswith("pair") else module.PulseSource)(*args)


def _missed(node, kept, max_per_h):
    # The most that was missed between the last commit and this start.
    if node.cause == power.REQUESTED and not node.unkept:  # all was committed just before
        return gap.pulses_in(_RESTART_S, max_per_h)
    now = node.time_s()
    most = gap.bound(now, kept.time_s, node.kept_events.alive_s, kept.loss_bound, max_per_h)
    if most == gap.UNKNOWN and node.cause == power.WATCHDOG and not node.unkept:
        return kept.loss_bound + gap.pulses_in(_WATCHDOG_S, max_per_h)
    return most
