"""DB37/T 5104, 4.10 and 5.9: the channel to the electricity meter, by DL/T 645-2007."""

from sibiao.lab.measures.channel import (
    answered_wrongly,
    asked,
    others,
    shortened,
    understood_otherwise,
)
from sibiao.lab.plugin import clause
from sibiao.lab.record import Latencies

COPIES = 2
READS = {True: 14, False: 250}  # quick, full; on each copy
SILENCES = {True: 1, False: 20}  # of each form
TD_MS = 20, 500  # DL/T 645-2007, clause 5.3.3: request's end to answer's begin
TB_MS = 500  # the same: longest pause between two bytes
PREAMBLE = 4  # clause 5.3.1: FE before an answer, at most


@clause("4.10/5.9", "channel")
def test_answers(stand, measure, plot, rng, quick, progress):
    """Every answer begins within 20 to 500 ms, is whole, without other bytes around it."""
    work = [(rng.getrandbits(32), READS[quick]) for _ in range(COPIES)]
    seen = [each for copy in stand.on_copies(asked, work, progress) for each in copy]
    delays = [each.delay_ms for each in seen if each.delay_ms is not None]
    wrong = [each.wrong for each in seen if each.wrong]
    plot(Latencies(delays, "from request to answer", *map(float, TD_MS)))
    measure("requests", len(seen), "", len(seen))
    measure("shortest answer delay", min(delays, default=None), "ms", *TD_MS)
    measure("longest answer delay", max(delays, default=None), "ms", *TD_MS)
    measure("not answered, or not right", len(wrong), "", 0, 0)
    measure("longest pause within an answer", max(e.gap_ms for e in seen), "ms", 0, TB_MS)
    measure("FE before an answer", max(e.preamble for e in seen), "bytes", 0, PREAMBLE)
    assert not wrong, ", ".join(sorted(set(wrong)))


@clause("4.10/5.9", "channel")
def test_silence(stand, measure, rng, quick):
    """Others' addresses, broadcasts, damaged frames and DL/T 698.45 are left unanswered."""
    (heard,) = stand.on_copies(answered_wrongly, [(rng.getrandbits(32), SILENCES[quick])])
    for form, count in heard.items():
        measure(f"heard after a request that nobody may answer ({form})", count, "bytes", 0, 0)


@clause("4.10/5.9", "channel")
def test_line_settings(stand, measure):
    """The module speaks at its line's rate and parity only, and answers shortened addresses."""
    ((sound, wild),) = stand.on_copies(_settings, [()])
    measure("sound answers at another rate or parity", sound, "", 0, 0)
    measure("shortened addresses answered", wild.shortened, "", wild.asked, wild.asked)


def _settings(stand):
    return understood_otherwise(stand, list(others(stand))), shortened(stand)
