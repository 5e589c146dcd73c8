"""One request and its answer on a meter bus: what to send, what an arriving frame means, when to
give up. Knows no time: whoever owns the port waits, and says when the time is over.
"""

from micropython import const

WAIT = const(0)  # not our answer: go on listening
SEND = const(1)  # send `request` (again)
DONE = const(2)  # `answer` is in the frame just given
REFUSED = const(3)  # the meter answered with an error
SILENT = const(4)  # every try went unanswered
BROKEN_OFF = const(5)  # not tried as often as it should be: says nothing about the meter


class Master:
    def __init__(self, accept, tries):
        # accept(request, frame) -> 0 not ours, 1 sound, 2 refused, from the link layer.
        self._accept = accept
        self._tries = tries
        self._left = 0
        self.request = None
        self.retries = 0  # for the line's statistics

    def start(self, request, tries=0):
        # request: a memoryview of the frame without preamble, left alone until this exchange ends.
        # tries: where they are not the usual ones.
        self.request = request
        self._left = tries or self._tries
        return SEND

    def answer(self, frame):
        verdict = self._accept(self.request, frame)
        if verdict == 0:
            return WAIT
        return DONE if verdict == 1 else REFUSED

    def timed_out(self, hurried=False):
        # hurried: the line is wanted for something else.
        self._left -= 1
        if not self._left:
            return SILENT
        if hurried:
            return BROKEN_OFF
        self.retries += 1
        return SEND
