"""One share of a campaign: so many mutated frames of one link, from one seed."""

import random
from dataclasses import dataclass

from tests.fuzz.links import LINKS
from tests.fuzz.mutate import mutated

_RESYNC_EVERY = 16


@dataclass
class Share:
    """What a share did; a fault ends it with an exception that names seed and frame."""

    link: str
    seed: int
    frames: int = 0
    found: int = 0
    answered: int = 0
    acted: int = 0  # changes that a request made: writes, passwords, rates, events cleared
    resynchronised: int = 0


def run(link_name: str, seed: int, count: int) -> Share:
    rng = random.Random(f"{link_name}/{seed}")
    link = LINKS[link_name]()
    # Some links mend what was spoilt in a way of their own.
    spoilt = getattr(link, "spoilt", lambda rng: mutated(rng, link.corpus))
    share = Share(link_name, seed)
    data = b""
    try:
        for n in range(count):
            data = spoilt(rng)
            share.found += _feed(link, rng, data)
            share.frames += 1
            if n % _RESYNC_EVERY == 0:
                # Quiet, then a sound frame: it must be found, alone and whole.
                link.framer.next_frame(True)
                link.framer.clear()
                data = rng.choice(link.corpus)
                assert _feed(link, rng, data) == 1, "a sound frame was not found"
                share.resynchronised += 1
    except Exception as error:
        raise AssertionError(
            f"{link_name}, seed {seed}, frame {share.frames}: {data.hex()}"
        ) from error
    share.answered = link.answered
    share.acted = getattr(link, "acted", 0)
    return share


def _feed(link, rng: random.Random, data: bytes) -> int:
    framer, at, found = link.framer, 0, 0
    while at < len(data):
        room = framer.get_buffer()
        n = min(len(room), len(data) - at, rng.choice((1, 4, 16, 300)))
        assert n > 0, "the framer's buffer has no room"
        room[:n] = data[at : at + n]
        framer.buffer_updated(n)
        at += n
        found += _take_all(link, False)
    if rng.random() < 0.5:
        found += _take_all(link, True)
    return found


def _take_all(link, idle: bool) -> int:
    found = 0
    while (frame := link.framer.next_frame(idle)) is not None:
        link.take(bytes(frame))
        found += 1
    return found
