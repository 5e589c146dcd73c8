"""DB37/T 5104, 4.11 and 5.12: what the converter tells, freezes, records and refuses."""

from sibiao.lab.measures.freezing import frozen
from sibiao.lab.measures.identifying import started
from sibiao.lab.measures.quantities import told
from sibiao.lab.measures.refusals import attempts
from sibiao.lab.plugin import clause

_BY_SUPPLY = 1  # a start's cause


@clause("4.11/5.12", "functions")
def test_every_quantity(stand, measure, rng):
    """Each quantity of each point is told as its meter shows it, under both addresses."""
    (seen,) = stand.on_copies(told, [(rng.getrandbits(32),)])
    for point in dict.fromkeys(each.point for each in seen):
        of_point = [each for each in seen if each.point == point]
        right = sum(each.right for each in of_point)
        measure(
            f"{point}: values as the meter shows them", right, "", len(of_point), len(of_point)
        )
    assert all(each.right for each in seen), "; ".join(str(e) for e in seen if not e.right)


@clause("4.11/5.12", "functions")
def test_freezes(stand, measure, rng):
    """Over midnight and by 16H: every freeze due has its time and value, and no other is."""
    (seen,) = stand.on_copies(frozen, [(rng.getrandbits(32),)])
    measure("freezes due", len(seen.due), "", 1)
    measure("freezes missing", len(seen.missing), "", 0, 0)
    measure("freezes of another time or value", len(seen.wrong), "", 0, 0)
    measure("freezes invented", len(seen.invented), "", 0, 0)
    faults = [f"no {each}" for each in seen.missing]
    faults += [f"wrong: {each}" for each in seen.wrong]
    faults += [f"invented: {each}" for each in seen.invented]
    assert not faults, "; ".join(faults)


@clause("4.11/5.12", "functions")
def test_events(stand, measure):
    """A start is counted with its cause, and what may have been missed meanwhile is said."""
    (seen,) = stand.on_copies(started, [()])
    measure("starts counted for one power cut", seen.starts, "", 1, 1)
    measure("cause of the start (1: supply)", seen.cause, "", _BY_SUPPLY, _BY_SUPPLY)
    measure("events recorded", seen.events, "", 1)
    measure("pulse points that say that they may have missed some", seen.gaps, "", seen.points)


@clause("4.11/5.12", "functions")
def test_write_protection(stand, measure, rng):
    """With a wrong password nothing is written, whatever is tried."""
    (seen,) = stand.on_copies(attempts, [(rng.getrandbits(32),)])
    measure("attempts without authority", seen.tried, "", 1)
    measure("attempts that were said to be done", len(seen.done), "", 0, 0)
    measure("registers that changed", len(seen.changed), "", 0, 0)
    assert not seen.done + seen.changed, ", ".join(seen.done + seen.changed)
