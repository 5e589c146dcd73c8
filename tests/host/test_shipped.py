"""The shipped communities between them use everything that is shipped for them."""

from sibiao.config import load

LOADED = {name: load.load(name) for name in load.names("communities")}


def test_every_board_and_every_uplink_has_a_community():
    assert {each.community.board for each in LOADED.values()} == set(load.names("boards"))
    assert {each.community.uplink for each in LOADED.values()} == set(load.names("uplinks"))
    assert {each.board.mcu for each in LOADED.values()} == set(load.names("chips"))


def test_every_medium_is_metered_over_every_link():
    seen = {(m.medium, m.link) for each in LOADED.values() for m in each.meters.values()}
    on_buses = {(medium, link) for medium in ("water", "heat") for link in ("cjt188", "mbus")}
    on_buses |= {("gas", "cjt188"), ("gas", "mbus"), ("heat", "transparent")}
    assert on_buses | {("water", "pulse"), ("gas", "pulse")} <= seen
    names = {p.name.partition("-")[0] for each in LOADED.values() for p in each.community.points}
    assert {"cold", "hot"} <= names


def test_every_source_of_pulses_is_used():
    kinds = {
        each.board.pulse_inputs[p.wired_to].source
        for each in LOADED.values()
        for p in each.community.points
        if each.meters[p.meter].link == "pulse"
    }
    assert kinds == {"pio", "irq", "counter", "namur"}


def test_no_serial_number_and_no_address_is_given_twice():
    communities = [each.community for each in LOADED.values()]
    serials = [c.serial for c in communities]
    addresses = [a for c in communities for a in (c.address, *(p.address for p in c.points))]
    assert len(set(serials)) == len(serials)
    assert sorted(a for a in set(addresses) if addresses.count(a) > 1) == []


def test_four_makers_in_four_blocks_differ_in_their_meters_only():
    blocks = [LOADED[f"heat-block-{letter}"] for letter in "abcd"]
    assert len({tuple(each.meters) for each in blocks}) == 4
    for each in blocks[1:]:
        assert each.board == blocks[0].board
        assert each.community.policy == blocks[0].community.policy
