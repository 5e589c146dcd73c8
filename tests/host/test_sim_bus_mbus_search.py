"""Several simulated M-Bus meters on one bus: collisions, the search among them, faults."""

import pytest
from converter.link import mbus as link
from converter.link import mbus_select
from sibiao.explain.mbus import explain
from sibiao.sim.bus.faults import with_fault
from sibiao.sim.bus.mbus import MbusMeter
from sibiao.sim.wire import NS_PER_MS

from tests.host.mbus_bench import FCB, REQ, WATER, Bench, water


def meters_of(*numbers):
    return [
        MbusMeter([WATER], f"water {n}", primary=k, identification=n)
        for k, n in enumerate(numbers, 1)
    ]


def found_ids(found):
    return sorted(f[3::-1].hex() for f in found)


@pytest.mark.parametrize(
    "numbers",
    [
        ("12345678",),
        ("12345678", "12345679"),
        ("12345678", "92345678", "12945678", "00000000", "99999999"),
    ],
)
def test_wildcard_search_with_collisions_finds_every_meter(numbers):
    bench = Bench(*meters_of(*numbers))
    found, probes, unresolved = bench.search()
    assert found_ids(found) == sorted(numbers) and not unresolved
    assert probes == 2 if len(numbers) == 1 else probes > 10


def test_e5_of_equally_quick_meters_fall_together():
    meters = meters_of("12345678", "12945678")
    for meter in meters:
        meter.delay_ns = 20 * NS_PER_MS
    bench = Bench(*meters)
    n = mbus_select.select(bench.out, mbus_select.ANYONE)
    assert bench.send(n) == b"\xe5"  # one E5 of two meters: only reading shows it
    heard = bench.short(REQ | FCB, 253)
    assert heard and link.frame_len(heard, 0, len(heard)) <= 0
    assert found_ids(bench.search()[0]) == ["12345678", "12945678"]


def test_faults_of_an_m_bus_meter():
    def heard(*faults):
        meter = water()
        for fault in faults:
            meter = with_fault(meter, fault)
        return Bench(meter).short(REQ | FCB, 2)

    assert heard() == WATER
    assert heard("silent") == b""
    assert heard("echo") == bytes.fromhex("107B027D16") + WATER
    assert heard("truncated=3") == WATER[:-3]
    assert heard("duplicated") == WATER * 2
    wrong = heard("wrong-checksum")
    assert wrong[:-2] == WATER[:-2] and wrong[-2] != WATER[-2]
    both = heard("second=300")
    assert both[: len(WATER)] == WATER and explain(both[len(WATER) :]).frame["id"] == "12345679"
    assert not explain(heard("second")).valid
    assert heard("noise=0.02") != WATER
