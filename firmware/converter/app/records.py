"""The node's own records: at the start, when a trial is passed, and after a loss. Loaded by
app.seldom."""

from binascii import crc32

from converter.app import seldom
from converter.hal import power, slots
from converter.model import events
from converter.store.events import KeptEvents
from converter.store.presets import Presets
from converter.store.record import ABSENT, FOREIGN


def start(node):
    node.own = own = crc32(power.unique_id()).to_bytes(4, "little")
    node.presets = Presets(node.keeper, own)
    node.kept_events = KeptEvents(events.Events(), node.keeper, "events", own)
    node.cause, node.hung, node.unkept = power.start_cause()
    problem = node.kept_events.load()
    # No record at all on a board that is not new, or another board's: ours are lost.
    node.new = slots.born()
    node.gone = problem == FOREIGN or (problem == ABSENT and not node.new)
    if not node.gone:
        _accept(node)
    if node.gone:
        node.record_event(events.RECORDS_GONE, 0)
    elif problem:
        node.record_event(events.RECORD_LOST, problem)
    problem = node.presets.load()
    if problem:
        node.record_event(events.RECORD_LOST, problem)
    if not node.trial:
        node.kept_events.upgrade()
    node.kept_events.starts += 1
    node.record_event(events.STARTED, node.cause)
    if node.hung:
        node.record_event(events.TASK_HUNG, node.hung)


def confirmed(node):
    # The trial is passed: records may be written in the newest format.
    node.trial = False
    node.record_event(events.SLOT_CONFIRMED, 0)
    node.kept_events.upgrade()
    if node.pulses:
        for each in node.pulses.inputs:
            each.kept.upgrade()


def restored(node):
    # What was lost has been entered anew: speak again.
    node.gone = False
    node.kept_events.take_over()
    node.presets.take_over()
    if node.reporter:
        node.reporter.kept.take_over()
    if node.jobs:
        node.jobs("take_over")
    if node.buses:
        seldom.call("app.exchanged", "take_over", node)
    _accept(node)
    if node.access:
        node.change("restored")
    node.station.silent = False
    node.status.commit_events()  # at once: without them the next start were silent again


def _accept(node):
    # The chip was new, or had another layout: what it holds now is known.
    try:
        if node.chip.reformatted:
            node.chip.accept()
    except OSError as error:
        node.record_event(events.COMMIT_FAILED, error.errno or 0)
