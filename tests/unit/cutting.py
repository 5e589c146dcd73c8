"""Power cuts in every operation of a chip, and what must be found on it then.

make_keeper(contents, cut, seed) -> a keeper after a start, with its `chip` (see chips.py).
live(keeper, known) loads, changes, commits, and ends by OSError when the power goes; in the dict
`known` it notes what is true and what was acknowledged. check(keeper, known) asserts on a keeper
after the restart.
"""


def campaign(make_keeper, live, check, torn=1, stride=1, first=0, seed=0):
    # How many cuts were made: before and `torn` times inside every stride-th operation of one
    # life. After each the records must be sound, and so after a second life on the same chip.
    whole = _whole_life(make_keeper, live)
    cuts = 0
    for cut in range(first, whole, stride):
        for variant in range(1 + torn):
            tear = variant and 1 + (seed * 7919 + cut) * torn + variant
            known = {}
            chip = _cut_life(make_keeper, None, cut, tear, live, check, known)
            assert chip.dead, f"the life ended before operation {cut}"
            again = make_keeper(chip.contents)
            live(again, known)
            again.chip.sound()
            check(make_keeper(again.chip.contents), known)
            cuts += 1
    assert cuts, "nothing was cut"
    return cuts


def hard_life(make_keeper, live, check, lives, seed):
    # One chip whose power is cut again and again, somewhere in every life.
    span = _whole_life(make_keeper, live)
    contents = None
    known = {}
    for _ in range(lives):
        seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
        cut = (seed >> 10) % span
        chip = _cut_life(make_keeper, contents, cut, seed >> 8, live, check, known)
        contents = chip.contents


def _whole_life(make_keeper, live):
    keeper = make_keeper()
    live(keeper, {})
    keeper.chip.sound()
    return keeper.chip.operations


def _cut_life(make_keeper, contents, cut, seed, live, check, known):
    keeper = make_keeper(contents, cut, seed)
    felt = False
    try:
        live(keeper, known)
    except OSError:
        felt = True
    keeper.chip.sound()
    try:
        assert felt == keeper.chip.dead, "a commit returned after the cut"
        check(make_keeper(keeper.chip.contents), known)
    except AssertionError as error:
        raise AssertionError(f"cut in operation {cut}, seed {seed}: {error}") from None
    return keeper.chip


class Together:
    """Several stores, each with names of its own, on one keeper, in turn."""

    def __init__(self, *stores, rounds=1):
        self._stores = stores
        self._rounds = rounds

    def live(self, keeper, known):
        for _ in range(self._rounds):
            for n, store in enumerate(self._stores):
                store.live(keeper, known.setdefault(n, {}))

    def check(self, keeper, known):
        for n, store in enumerate(self._stores):
            store.check(keeper, known.get(n, {}))
