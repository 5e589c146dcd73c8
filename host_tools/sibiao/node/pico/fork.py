"""Independent copies of a booted node, by fork: the copy shares memory until it writes to it."""

import functools
import os
import pickle
import sys
import traceback
from collections.abc import Callable
from typing import TypeVar

from sibiao.errors import SibiaoError

Result = TypeVar("Result")


def run_forked(function: Callable[..., Result], *args) -> Result:
    """Call `function(*args)` in a forked child; its result or its exception comes back.

    What the function changes, in a node among its arguments too, is gone with the child.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(reading)
        _run_child(function, args, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if not answer:
        code = os.waitstatus_to_exitcode(status)
        raise SibiaoError(f"the forked copy of the node ended with {code} and said nothing")
    failed, result, text = pickle.loads(answer)
    if not failed:
        return result
    if isinstance(result, BaseException):
        result.add_note(f"in the forked copy:\n{text}")
        raise result
    raise RuntimeError(f"in the forked copy:\n{text}")


def _run_child(function: Callable, args: tuple, writing: int) -> None:
    """Never returns: the child must not run what its parent would have run next."""
    status = 1
    try:
        try:
            answer = pickle.dumps((False, function(*args), ""))
        except BaseException as error:
            text = traceback.format_exc()
            try:
                answer = pickle.dumps((True, error, text))
                pickle.loads(answer)
            except Exception:
                # An exception that does not travel: its text does.
                answer = pickle.dumps((True, None, text))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        sys.stdout.flush()
        sys.stderr.flush()
        status = 0
    finally:
        os._exit(status)


def in_fork(test: Callable) -> Callable:
    """Decorator of a test: its body runs in a forked child, so a shared node stays fresh."""

    @functools.wraps(test)
    def forked(*args, **kwargs):
        return run_forked(functools.partial(test, *args, **kwargs))

    return forked
