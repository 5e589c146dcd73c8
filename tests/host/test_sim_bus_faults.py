"""The faults of simulated meters, by name, on a CJ/T 188 bus in virtual time."""

import pytest
from converter.link.master import DONE, REFUSED
from sibiao.errors import SibiaoError
from sibiao.sim.bus.cjt188 import find_frame
from sibiao.sim.bus.faults import FAULTS, with_fault
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

from tests.host.cjt188_bench import WATER, Bench, meter_of, read_request


def faulty(*faults, seed=1):
    profile, meter = meter_of(WATER)
    whole = meter
    for fault in faults:
        whole = with_fault(whole, fault, seed)
    bench = Bench(whole)
    request = read_request(profile, meter.address)
    clean = Bench(meter_of(WATER)[1]).send(request)
    return bench, request, clean


def test_silent():
    bench, request, _ = faulty("silent")
    assert bench.send(request) == b""


def test_slow():
    bench, request, clean = faulty("slow=700")
    assert bench.send(request) == clean
    byte_ns = 11 * NS_PER_S // 2400
    assert bench.node.times_ns[0] == (len(request) + 1) * byte_ns + 760 * NS_PER_MS


def test_echo_is_told_from_the_answer():
    bench, request, clean = faulty("echo")
    assert bench.send(request) == request + clean
    assert bench.exchange(request)[0] == DONE


def test_noise_at_its_rate_and_the_same_for_the_same_seed():
    def answers(seed):
        bench, request, _ = faulty("noise=0.01", seed=seed)
        return [bench.send(request) for _ in range(60)]

    bench, request, clean = faulty("noise=0.01")
    flipped = bits = 0
    for _ in range(60):
        heard = bench.send(request)
        if heard:
            bits += 8 * len(heard)
            flipped += sum((a ^ b).bit_count() for a, b in zip(heard, clean, strict=True))
    assert bits > 3000 and 0.006 < flipped / bits < 0.014
    assert answers(1) == answers(1) != answers(2)
    bench, request, _ = faulty("noise=0.002")
    assert bench.exchange(request, tries=12)[0] == DONE


def test_wrong_checksum():
    bench, request, clean = faulty("wrong-checksum")
    heard = bench.send(request)
    assert [k for k, (a, b) in enumerate(zip(heard, clean, strict=True)) if a != b] == [
        clean.rindex(0x16) - 1
    ]
    assert bench.exchange(request)[0] not in (DONE, REFUSED)


def test_second_meter_collides_or_follows():
    bench, request, clean = faulty("second")
    heard = bench.send(request)
    assert heard and not find_frame(heard)
    bench, request, clean = faulty("second=400")
    heard = bench.send(request)
    assert heard.startswith(clean) and len(heard) == 2 * len(clean)
    at, end = find_frame(heard[len(clean) :])
    assert heard[len(clean) :][at + 2] == clean[clean.index(0x68) + 2] ^ 1
    assert end - at == len(clean) - clean.index(0x68)


def test_truncated():
    bench, request, clean = faulty("truncated=7")
    assert bench.send(request) == clean[:-7]


def test_duplicated():
    bench, request, clean = faulty("duplicated")
    assert bench.send(request) == clean * 2
    bench, request, clean = faulty("duplicated=200")
    assert bench.send(request) == clean * 2
    gap_ns = bench.node.times_ns[len(clean)] - bench.node.times_ns[len(clean) - 1]
    assert gap_ns > 200 * NS_PER_MS


def test_faults_go_together():
    bench, request, clean = faulty("truncated", "duplicated", "echo", "slow=100")
    assert bench.send(request) == request + clean[:-5] * 2


def test_a_share_of_the_answers():
    bench, request, clean = faulty("silent@0.3")
    heard = [bench.send(request) for _ in range(100)]
    assert set(heard) == {b"", clean} and 18 <= heard.count(b"") <= 42


@pytest.mark.parametrize("text", ["loud", "slow=fast", "silent@2", "noise=-1"])
def test_no_such_fault(text):
    with pytest.raises(SibiaoError, match="fault"):
        with_fault(meter_of(WATER)[1], text)


def test_every_fault_says_what_it_does():
    assert all(make.__doc__ for make, _ in FAULTS.values())
