"""Every kind of sealed message, both ways, spoilt in every way: the shipped sealed station refuses
each such request and does nothing, the client each such answer."""

import pytest
from converter.model import freezes, unit
from converter.store.parameters import Parameters
from sibiao.reader.sealed import Seal, SealError, UsedUp
from sibiao.sim.uplink.dlt645_reading import made_frame

from tests.host import shipped
from tests.unit.memory_keeper import MemoryKeeper

OWN, WATER, HEAT = "000000000001", "000000000301", "000000000302"
ANY, ALL = "AAAAAAAAAAAA", "999999999999"
SEAL = Seal(shipped.KEY, "SB26000001")
COUNTER = 0x01020304
BY = bytes.fromhex("0400000078563412")


def di(text):
    return bytes.fromhex(text)[::-1]


# Kind: (address, control, plain data, control of its answer).
KINDS = {
    "read": (WATER, 0x11, di("00010000"), 0x91),
    "block": (HEAT, 0x11, di("050100FF"), 0x91),
    "block of which more follows": (HEAT, 0x11, di("0501FFFF"), 0xB1),
    "read refused": (WATER, 0x11, di("00020000"), 0xD1),
    "write": (OWN, 0x14, di("0400010C") + BY + bytes.fromhex("00001203250427"), 0x94),
    "write refused": (OWN, 0x14, di("0400010C") + BY + bytes(7), 0xD4),
    "write by another password": (OWN, 0x14, di("04000B01") + b"\4\1\1\1" + bytes(6), 0xD4),
    "new address": (OWN, 0x14, di("04000401") + BY + bytes.fromhex("770000000000"), 0x94),
    "address": (ANY, 0x15, bytes.fromhex("770000000000"), 0x95),
    "freeze": (WATER, 0x16, b"\x99" * 4, 0x96),
    "freeze by a pattern": (OWN, 0x16, bytes.fromhex("00999999"), 0x96),
    "rate": (OWN, 0x17, b"\x20", 0x97),
    "password": (OWN, 0x18, di("04000C01") + bytes.fromhex("0400000004010203"), 0x98),
    "events cleared": (OWN, 0x1B, BY + b"\xff" * 4, 0x9B),
}


class Bench:
    def __init__(self, which=1):
        self.keeper = MemoryKeeper()
        kept = Parameters(self.keeper, b"ours")
        kept.load()
        kept.set_key(shipped.KEY)
        self.out = bytearray(256)
        self.which = which
        self.start()

    def start(self):
        self.home = home = shipped.ShippedHome("sealed", self.keeper, SEALED=self.which)
        home.points[2].publish(2, 123456, 1, unit.WH, 0)
        for _ in range(40):
            home.uptime_s += 1
            home.freezer.freeze(0)
            home.freezer.commit_all()
        home.access.open(home.now_s(), 300, 1)

    def ask(self, frame):
        """The answer's frame, empty for silence."""
        before = bytes(frame)
        frame = bytearray(frame)
        n = self.home.station.handle(memoryview(frame), self.out)
        assert bytes(frame) == before
        return bytes(self.out[:n])

    def state(self):
        """All that a request could change."""
        home = self.home
        return (
            dict(self.keeper.files),
            home.time_s(),
            [bytes(point.address) for point in home.points],
            home.baud,
            home.after_answer is None,
            home.freezer.settlement,
            home.freezer.pattern,
            [home.freezer.past(i, freezes.INSTANT, 1) for i in (1, 2)],
            list(home.seen),
            home.kept_events.events.count,
        )


def sealed(kind, counter=COUNTER):
    address, control, data, _ = KINDS[kind]
    return SEAL.request(address, control, data, counter)


def mended(frame):
    """With its own length and sum again."""
    frame = bytearray(frame)
    frame[9] = len(frame) - 12
    frame[-2] = sum(frame[:-2]) & 0xFF
    return bytes(frame)


def flipped(frame):
    """Each bit that a frame has besides its form, which the framer looks at."""
    for at in (*range(1, 7), 8, *range(10, len(frame) - 2)):
        for bit in range(8):
            other = bytearray(frame)
            other[at] ^= 1 << bit
            yield mended(other)


def truncated(frame):
    """Data that lost bytes at either end, in sound frames."""
    data = frame[10:-2]
    for n in range(len(data)):
        for part in (data[:n], data[len(data) - n :]):
            yield mended(frame[:10] + part + frame[-2:])


def not_genuine(answer, counter=COUNTER):
    """The client must neither take it nor be told a counter by it."""
    with pytest.raises(SealError) as told:
        SEAL.answer(answer, counter)
    assert not isinstance(told.value, UsedUp)


def refused(bench, frame, before):
    answer = bench.ask(frame)
    assert bench.state() == before
    if answer:
        not_genuine(answer)


@pytest.fixture(params=["writes", "all"])
def bench(request):
    return Bench(1 if request.param == "writes" else 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_one_is_answered(kind, bench):
    answer = SEAL.answer(bench.ask(sealed(kind)), COUNTER)
    assert answer.control == KINDS[kind][3]


@pytest.mark.parametrize("kind", KINDS)
def test_requests_with_a_bit_flipped_or_cut_off_do_nothing(kind, bench):
    sound, before = sealed(kind), bench.state()
    for spoilt in (*flipped(sound), *truncated(sound)):
        refused(bench, spoilt, before)
    # And the sound one still counts.
    assert SEAL.answer(bench.ask(sound), COUNTER).control == KINDS[kind][3]


@pytest.mark.parametrize("kind", KINDS)
def test_replayed_or_late_it_does_nothing(kind, bench):
    early, sound = sealed(kind, COUNTER - 1), sealed(kind)
    SEAL.answer(bench.ask(sound), COUNTER)
    bench.home.answered()
    before, again = bench.state(), bench.home.points[0].address[::-1].hex()
    for old, counter in ((sound, COUNTER), (early, COUNTER - 1), (sound, COUNTER)):
        answer = bench.ask(old)
        assert bench.state() == before
        if answer:
            with pytest.raises(UsedUp) as told:
                SEAL.answer(answer, counter)
            assert told.value.next == COUNTER + 1
        else:
            # 15H knows no error answer, and who has another address now is not asked.
            assert KINDS[kind][1] == 0x15 or again != OWN
    bench.start()
    before = bench.state()
    for old in (sound, early):
        bench.ask(old)
        assert bench.state() == before


@pytest.mark.parametrize("kind", KINDS)
def test_reflected_or_sent_elsewhere_it_does_nothing(kind, bench):
    sound = sealed(kind)
    answer = bench.ask(sound)
    bench.home.answered()
    not_genuine(sound)
    not_genuine(mended(sound[:8] + bytes((sound[8] | 0x80,)) + sound[9:]))
    before = bench.state()
    for control in (answer[8], answer[8] & 0x1F, 0x14, 0x16):
        refused(bench, mended(answer[:8] + bytes((control,)) + answer[9:]), before)
    fresh = sealed(kind, COUNTER + 1)
    for address in (OWN, WATER, HEAT, ANY, ALL):
        wire = bytes.fromhex(address)[::-1]
        if wire != fresh[1:7]:
            refused(bench, mended(fresh[:1] + wire + fresh[7:]), before)


@pytest.mark.parametrize("kind", [*KINDS, "used up", "follow-up"])
def test_answers_with_a_bit_flipped_or_cut_off_are_not_taken(kind):
    bench = Bench()
    if kind == "used up":
        bench.ask(sealed("read"))
        answer = bench.ask(sealed("read"))
        with pytest.raises(UsedUp):
            SEAL.answer(answer, COUNTER)
    elif kind == "follow-up":
        first, answer = followed(bench)
        not_genuine(first)
        assert SEAL.answer(answer, COUNTER).control == 0x92
    else:
        answer = bench.ask(sealed(kind))
    for spoilt in (*flipped(answer), *truncated(answer)):
        not_genuine(spoilt)
    for n in range(len(answer)):
        not_genuine(answer[:n])


def followed(bench):
    """Frames of an answer in two: the second asked with COUNTER."""
    asked = di("0501FFFF")
    first = bench.ask(SEAL.request(WATER, 0x11, asked, COUNTER - 1))
    return first, bench.ask(SEAL.request(WATER, 0x12, asked + b"\1", COUNTER))


def test_a_sealed_block_is_the_plain_one_in_shorter_frames():
    bench, asked = Bench(), di("0501FFFF")
    plain = values = b""
    for seq in range(2):
        data = asked + bytes((seq,))[: bool(seq)]
        plain += bench.ask(made_frame(WATER, 0x12 if seq else 0x11, data))[14 : -3 if seq else -2]
    more, seq = True, 0
    while more:
        data = asked + bytes((seq,))[: bool(seq)]
        frame = bench.ask(SEAL.request(WATER, 0x12 if seq else 0x11, data, COUNTER + seq))
        assert len(frame) <= 212
        answer = SEAL.answer(frame, COUNTER + seq)
        values += answer.data[4:-1] if seq else answer.data[4:]
        more, seq = answer.control & 0x20, seq + 1
    assert values == bytes((b - 0x33) & 0xFF for b in plain) and len(values) == 30 * 9


def test_an_answer_opens_for_its_own_request_only():
    answers = {}
    for n, kind in enumerate(KINDS):
        bench = Bench()
        answers[COUNTER + n] = bench.ask(sealed(kind, COUNTER + n))
    for counter, answer in answers.items():
        for other in answers:
            if other == counter:
                SEAL.answer(answer, other)
            else:
                not_genuine(answer, other)
