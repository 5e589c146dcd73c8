"""ADC of the nodes: the same lines of MicroPython see the same voltages."""

import pytest
from sibiao.errors import SibiaoError
from sibiao.node.pico.fork import in_fork

from tests.node.at_prompt import run
from tests.node.pico_board import booted


def test_voltages(on_board):
    def body(node):
        for gpio, millivolts in ((26, 1650), (27, 3300), (28, 5000), (29, 0)):
            node.set_analog(gpio, millivolts)
        code = (
            "from machine import ADC, Pin\nprint([ADC(n).read_u16() for n in (26, 27, 28, 29)])\n"
        )
        assert run(node, code) == "[32776, 65535, 65535, 0]\n"
        node.set_analog(26, 825)
        both = run(node, "print(ADC(0).read_u16(), ADC(Pin(26)).read_u16())")
        assert both == "16388 16388\n"
        with pytest.raises(SibiaoError, match="no ADC input"):
            node.set_analog(25, 0)

    on_board(body)


@pytest.mark.pico
@in_fork
def test_all_adc_inputs_in_turn():
    # The hardware's own round, which MicroPython does not use: CS, RESULT, RP2040 datasheet 4.9.6.
    board = booted()
    for gpio in (26, 27, 28):
        board.set_analog(gpio, (gpio - 25) * 500)
    seen = board.exec_raw(
        "from machine import ADC, mem32\nfor n in (26, 27, 28): ADC(n)\n"
        "mem32[0x4004c000] = 0x70001\nseen = []\n"
        "for _ in range(6):\n"
        " mem32[0x4004e000] = 4\n"
        " while not mem32[0x4004c000] & 0x100: pass\n"
        " seen.append(mem32[0x4004c004])\n"
        "print(seen)"
    )
    assert seen == f"{[620, 1241, 1861] * 2}\n"
