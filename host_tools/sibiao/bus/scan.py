"""The whole scan: which links are asked at which line settings, in which order, for how long."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, get_args

from sibiao.bus import scan_cjt188, scan_mbus
from sibiao.bus.found import Report
from sibiao.bus.profiles import of_link
from sibiao.bus.talk import Talk
from sibiao.bus.wire import LineRefused, Wire
from sibiao.config.schema.bus import Baud
from sibiao.errors import SibiaoError

LINKS = ("cjt188", "mbus")
BAUDS = get_args(Baud)
# Besides those of the profiles; CJ/T 188: seen in vendors' documents, M-Bus: rates of EN 13757-2.
_MORE = {
    "cjt188": [(2400, "E"), (1200, "E"), (9600, "E"), (4800, "E"), (2400, "N"), (9600, "N")],
    "mbus": [(2400, "E"), (9600, "E"), (300, "E"), (4800, "E"), (1200, "E"), (600, "E")],
}
_MISSING = "no meter with the number {} answers any request to read that any profile makes"


class Progress(Protocol):
    def planned(self, total_ms: float) -> None: ...

    def begins(self, what: str, at_ms: float) -> None: ...

    def spent(self, ms: float) -> None: ...


class Job(NamedTuple):
    link: str
    baud: int
    parity: str

    @property
    def text(self) -> str:
        return f"{self.link} {self.baud} 8{self.parity}1"


@dataclass
class Wanted:
    """`bauds`, `parities`: instead of those that are walked. `everywhere`: ask every primary
    address at every line setting. `addresses`: numbers of CJ/T 188 meters, 14 digits."""

    links: tuple[str, ...] = LINKS
    bauds: tuple[int, ...] = ()
    parities: tuple[str, ...] = ()
    primaries: range | list[int] = range(251)
    everywhere: bool = False
    addresses: list[str] = field(default_factory=list)
    fabrications: list[str] = field(default_factory=list)
    tries: int = 2

    def jobs(self) -> list[Job]:
        """The usual settings first; of each, the links in turn."""
        by_link = [[Job(link, *line) for line in self._lines(link)] for link in self.links]
        most = max(map(len, by_link))
        return [jobs[k] for k in range(most) for jobs in by_link if k < len(jobs)]

    def _lines(self, link: str) -> list[tuple[int, str]]:
        walked = lines_of(link)
        bauds = self.bauds or dict.fromkeys(baud for baud, _ in walked)
        if self.bauds or self.parities:
            parities = self.parities or dict.fromkeys(parity for _, parity in walked)
            return [(baud, parity) for baud in bauds for parity in parities]
        return walked


def lines_of(link: str) -> list[tuple[int, str]]:
    """Line settings that are walked: what most profiles have comes first."""
    counted = Counter((m.line.baud, m.line.parity) for m in of_link(link).values())
    return list(dict.fromkeys([line for line, _ in counted.most_common()] + _MORE[link]))


def scan(wire: Wire, wanted: Wanted, progress: Progress) -> Report:
    """What answers on the bus. Ctrl-C ends it with what was found so far."""
    report = Report(wire.name)
    jobs = wanted.jobs()
    first_mbus = next((job for job in jobs if job.link == "mbus"), None)
    talks = {job: Talk(wire, job.baud, job.parity, wanted.tries, progress.spent) for job in jobs}
    everywhere = {job: wanted.everywhere or job == first_mbus for job in jobs}
    costs = {job: _cost_ms(job, talks[job], wanted, everywhere[job]) for job in jobs}
    progress.planned(sum(costs.values()))
    at_ms = 0.0
    try:
        for job in jobs:
            progress.begins(job.text, at_ms)
            _run(job, talks[job], wanted, everywhere[job], report)
            at_ms += costs[job]
        progress.begins("done", at_ms)
        report.complete = True
    except KeyboardInterrupt:
        report.note("interrupted: this is what was found until then")
    except SibiaoError as error:
        if not report.meters:
            raise
        report.note(f"{error}. This is what was found until then")
    if not report.asked and report.complete:
        raise SibiaoError(
            f"{report.notes[0].text}, nor at any other setting; --baud and --parity choose others"
        )
    _say_missing(wanted, report)
    return report


def _run(job: Job, talk: Talk, wanted: Wanted, everywhere: bool, report: Report) -> None:
    try:
        if job.link == "cjt188":
            scan_cjt188.Cjt188Scan(talk, report).run(wanted.addresses)
        else:
            bus = scan_mbus.MbusScan(talk, report)
            bus.run(wanted.primaries, everywhere, wanted.everywhere, wanted.fabrications)
        report.asked.append(tuple(job))
    except LineRefused as error:
        report.note(str(error), *job)


def _cost_ms(job: Job, talk: Talk, wanted: Wanted, everywhere: bool) -> float:
    if job.link == "cjt188":
        return scan_cjt188.cost_ms(talk, wanted.addresses)
    return scan_mbus.cost_ms(talk, wanted.primaries if everywhere else None)


def _say_missing(wanted: Wanted, report: Report) -> None:
    told = {m.wire_address for m in report.meters if m.telegrams}
    for address in wanted.addresses:
        wire = bytes.fromhex(address)
        if report.complete and not {wire, wire[::-1]} & told:
            report.note(_MISSING.format(address), "cjt188")
