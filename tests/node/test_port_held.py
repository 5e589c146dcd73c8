"""A port that is still locked a moment after it was closed: a process that another thread starts
has our lock, too, until it runs a program of its own."""

import threading

import pytest
import serial
from sibiao.board.port import open_port
from sibiao.board.prompt import Prompt

from tests.node.flashing import VmBoard

pytestmark = pytest.mark.vm

_HELD_S = 0.5


def held(path):
    con = serial.Serial(path, exclusive=True)
    threading.Timer(_HELD_S, con.close).start()


def test_port_is_opened_when_the_lock_goes():
    with VmBoard({}) as board:
        held(board.path)
        open_port(board.path).close()


def test_prompt_is_opened_when_the_lock_goes():
    with VmBoard({}) as board:

        def ask():
            held(board.path)
            prompt = Prompt(board.path)
            try:
                return prompt.run("print(6 * 7)").strip()
            finally:
                prompt.close()

        assert board.run(ask) == "42"
