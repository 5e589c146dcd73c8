"""Finding M-Bus meters at one line setting: whoever is alone at 254, by secondary address with
the firmware's own search, and at each primary address."""

from __future__ import annotations

from collections.abc import Iterable

from converter.link import mbus as link
from converter.link import mbus_select
from converter.link.mbus_search import OVER, SELECT, Search
from converter.meters import mbus as decoder

from sibiao.bus.fits_mbus import fabrication_of, fits, secondary_of
from sibiao.bus.found import Meter, Report
from sibiao.bus.talk import PATIENCE, Heard, Talk

_LINK = "mbus"
_ACK = bytes([link.ACK])
_SHORT_BYTES, _SELECT_BYTES = 5, 17
_TELEGRAMS = 16  # of one meter at most
_RECORDS = link.DATA + 12  # behind the header, whose access number counts
# So many collisions in a row are no meters: each level of the search has silent digits.
_BABBLE = 40
_PASSES = 3

_SHARED = "several meters share the primary address {}: only their secondary addresses tell them"
_SILENT = "something acknowledges at the primary address {}, and gives no telegram"
_PARTIAL = "the meter of primary address {} has more telegrams than the {} that could be read"
_NOISY = (
    "the secondary search hears something at every step: noise, or a device that talks without "
    "being asked. Check the wires, the bus' power and the level converter"
)
_ALIKE = (
    "meters that differ neither in number nor in medium collide at {}: those of them that are "
    "not found are found by the fabrication number printed on them, --fabrication (8 digits)"
)


def cost_ms(talk: Talk, primaries: Iterable[int] | None) -> float:
    """How long it takes when nobody answers; None: no primary addresses are asked."""
    short_ms = talk.cost_ms(_SHORT_BYTES, _begin_ms(talk), 1) * talk.tries
    select_ms = talk.cost_ms(_SELECT_BYTES, _begin_ms(talk), 1) * talk.tries
    return short_ms * (2 + len(list(primaries or ()))) + select_ms


def _begin_ms(talk: Talk) -> float:
    return 80 + 30 * talk.byte_ms  # 50 ms and 330 bit times, and a little for late ones


class MbusScan:
    def __init__(self, talk: Talk, report: Report):
        self._talk = talk
        self._report = report
        self._out = bytearray(link.MAX_FRAME)
        self._unresolved: dict[bytes, None] = {}  # masks, each once

    def run(
        self,
        primaries: Iterable[int],
        though_silent: bool,
        though_alone: bool,
        fabrications: Iterable[str],
    ) -> None:
        """Primary addresses are asked where somebody answers to 254 or to the selection of
        anyone, or else `though_silent`; and not where one meter is all, or else `though_alone`."""
        before = len(self._report.meters)
        alone = self._ask_anyone()
        somebody = self._search_until_settled() or alone is not None
        is_all = alone and len(self._report.meters) - before <= 1 and not self._unresolved
        if (somebody or though_silent) and (not is_all or though_alone):
            for address in primaries:
                self._ask_primary(address)
        if self._unresolved:
            self._select_by_fabrication(fabrications)

    def _note(self, text: str) -> None:
        self._report.note(text, _LINK, self._talk.baud, self._talk.parity)

    # --- exchanges

    def _send(self, n: int, answer_bytes: int = 1, tries: int | None = None) -> Heard:
        request = bytes(self._out[:n])
        wants_ack = link.expects_ack(request)
        return self._talk.ask(
            request,
            _begin_ms(self._talk),
            answer_bytes,
            link.frame_len_or_ack if wants_ack else link.frame_len,
            link.accept,
            tries,
        )

    def _telegrams(self, address: int, patience: int = PATIENCE) -> tuple[list[bytes], Heard]:
        """One reading of whoever answers alone at the address, and what was heard last."""
        answer = decoder.Answer(b"")
        answer.begin()
        fcb, telegrams = link.FCB, []
        while True:
            n = link.short(self._out, link.REQ_UD2 | fcb, address)
            heard = self._send(n, link.MAX_FRAME, self._talk.tries + patience)
            if len(heard.answers) != 1 or len(telegrams) == _TELEGRAMS:
                if telegrams:
                    self._note(_PARTIAL.format(telegrams[0][link.ADDRESS], len(telegrams)))
                return telegrams, heard
            telegram = heard.answers[0]
            if any(telegram[_RECORDS:-2] == known[_RECORDS:-2] for known in telegrams):
                return telegrams, heard  # it has begun anew, as those do that always promise more
            telegrams.append(telegram)
            fcb ^= link.FCB
            if answer.take(memoryview(telegram)) != decoder.MORE:
                return telegrams, heard

    def _add(self, telegrams: list[bytes], **how) -> Meter:
        setting = (self._talk.baud, self._talk.parity)
        return self._report.add(
            Meter(
                _LINK,
                *setting,
                telegrams=telegrams,
                fits=fits(telegrams, setting),
                primary=telegrams[0][link.ADDRESS],
                secondary=secondary_of(telegrams[0]),
                **how,
            )
        )

    # --- ways to find them

    def _ask_anyone(self) -> bool | None:
        """True: one meter answers to 254; False: something does; None: nothing."""
        heard = self._send(link.short(self._out, link.SND_NKE, link.ANY))
        if heard.silent:
            return None
        telegrams = self._telegrams(link.ANY)[0] if heard.raw == _ACK else []
        if not telegrams:
            return False
        # Where others stand on the bus as well, they keep silent to 254 and are searched for.
        self._add(telegrams, by_primary=True)
        return True

    def _ask_primary(self, address: int) -> None:
        heard = self._send(link.short(self._out, link.SND_NKE, address))
        if heard.silent:
            return
        telegrams, last = self._telegrams(address)
        if telegrams:
            self._add(telegrams, by_primary=True)
        elif last.garbled or len(last.answers) > 1:
            self._note(_SHARED.format(address))
        elif heard.answers:
            self._note(_SILENT.format(address))

    def _search_until_settled(self) -> bool:
        """Whether anybody was heard. Where noise kept one of several from hearing its selection,
        another was taken for all: so the search is repeated until it finds no more."""
        somebody = False
        for _ in range(_PASSES):
            known = len(self._report.meters)
            somebody |= self._search()
            if len(self._report.meters) == known:
                break
        return somebody

    def _search(self) -> bool:
        """Whether anybody was heard."""
        search, out = Search(), self._out
        somebody, babble = False, 0
        self._send(mbus_select.deselect(out), 1, 1)
        while (what := search.step(out)) != OVER:
            mask, unresolved = bytes(search.mask), search.unresolved
            if what == SELECT:
                heard = self._send(search.length)
                babble = babble + 1 if heard.raw not in (b"", _ACK) else 0
            else:
                # Acknowledges of several may look like one: then there is nothing to wait for.
                telegrams, heard = self._telegrams(link.SELECTED, 0)
            somebody = somebody or not heard.silent
            if what == SELECT and heard.raw == _ACK:
                search.acknowledged()
            elif what != SELECT and telegrams:
                search.answered(telegrams[0])
            elif heard.silent:
                search.silent()
            else:
                search.collided()
            if search.found:
                self._add(telegrams, by_secondary=True)
            if search.unresolved > unresolved:
                self._unresolved[mask] = None
            if babble > _BABBLE:
                self._note(_NOISY)
                break
        return somebody

    def _select_by_fabrication(self, given: Iterable[str]) -> None:
        """Enhanced selection (EN 13757-3 clause 11), with the numbers that a person gave and
        those that telegrams of this bus tell."""
        told = (fabrication_of(meter.telegrams) for meter in self._report.meters)
        numbers = dict.fromkeys([*given, *filter(None, told)])
        for mask in self._unresolved:
            for number in numbers:
                n = mbus_select.select(self._out, mask, bytes.fromhex(number)[::-1])
                heard = self._send(n)
                telegrams = self._telegrams(link.SELECTED)[0] if heard.raw == _ACK else []
                if telegrams:
                    self._add(telegrams, fabrication=number)
            digits = (mask[3::-1] + mask[7:]).hex().upper()
            self._note(_ALIKE.format(f"identification {digits[:8]}, medium {digits[8:]}"))
