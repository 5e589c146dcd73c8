"""DB37/T 5104, annex A: the module is found by whoever does not know its address."""

from sibiao.lab.measures.identifying import identified, started
from sibiao.lab.plugin import clause

AWAKE_S = 10  # a module that searches has begun anew by then


@clause("annex A", "self-identification")
def test_address_by_wildcard(stand, measure):
    """13H to AAAAAAAAAAAA tells the address, in head and data; to another, nothing."""
    (seen,) = stand.on_copies(identified, [()])
    measure("address in the answer's head is right", int(seen.address_right), "", 1, 1)
    measure("address in the answer's data is right", int(seen.data_right), "", 1, 1)
    measure("heard after 13H to another", seen.foreign_answered, "bytes", 0, 0)


@clause("annex A", "self-identification")
def test_found_after_power_on(stand, measure):
    """A module's search that begins with the supply finds the converter."""
    (seen,) = stand.on_copies(started, [()])
    measure("supply to first answer", seen.awake_s, "s", 0, AWAKE_S)
