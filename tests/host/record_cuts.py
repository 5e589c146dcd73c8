"""The long campaign of power cuts: every store on every medium, on CPython."""

from tests.host.cut_flash import keeper_on_littlefs
from tests.unit.chips import keeper_on_i2c, keeper_on_spi
from tests.unit.cut_counts import Asked, Freezes, Log, Totals
from tests.unit.cut_settings import Dials, Settings
from tests.unit.cutting import Together, campaign, hard_life

# Name -> store with live(keeper, known) and check(keeper, known). Lives on littlefs are long
# enough for several erases; on FRAM each byte is an operation.
ON_LITTLEFS = {
    "totals": Totals(60),
    "events": Log(24),
    "history": Freezes(12),
    "asked": Asked(12),
    "presets": Dials(24),
    "written": Settings(18),
    "together": Together(Totals(8), Log(4), Freezes(2), Dials(2), rounds=5),
}
ON_FRAM = {
    "totals": Totals(6),
    "events": Log(6),
    "history": Freezes(4),
    "presets": Dials(4),
    "written": Settings(4),
    "together": Together(Totals(2), Log(2), Freezes(2), Dials(2)),
}
MEDIA = {
    "littlefs": (keeper_on_littlefs, ON_LITTLEFS),
    "FRAM on I2C": (keeper_on_i2c, ON_FRAM),
    "FRAM on SPI": (keeper_on_spi, ON_FRAM),
}


def cut_records(medium: str, store: str, torn: int, lives: int, seed: int, stride: int = 1) -> int:
    """How many cuts; AssertionError names the operation and the seed of one that was not survived.

    Before and `torn` times inside every stride-th operation, each on a fresh chip; then one chip
    is cut in each of `lives` lives.
    """
    make_keeper, stores = MEDIA[medium]
    live, check = stores[store].live, stores[store].check
    cuts = campaign(make_keeper, live, check, torn, stride, seed % stride, seed)
    hard_life(make_keeper, live, check, lives, seed)
    return cuts + lives
