"""Which modules go to a board: those that its configuration can load, and no others."""

import pytest
from sibiao.config.load import load
from sibiao.firmware.needed import needed
from sibiao.firmware.slot import firmware_sources, slot_files

NODE = "converter/app/node.py"


def kept(sources, config):
    return set(needed({NODE: ""} | sources, config))


def test_imports_are_followed_wherever_they_stand():
    sources = {
        NODE: "from converter.hal import led\ndef f():\n    import converter.model.total",
        "converter/hal/__init__.py": "",
        "converter/hal/led.py": "from converter.codec.bcd import encode",
        "converter/model/total.py": "",
        "converter/codec/bcd.py": "",
        "converter/codec/checksum.py": "",
    }
    assert kept(sources, "") == set(sources) - {"converter/codec/checksum.py"}


@pytest.mark.parametrize(
    ("test", "config", "is_kept"),
    [
        ("config.RTC", "RTC = None", False),
        ("config.RTC", "RTC = ('ds3231',)", True),
        ("config.RTC or config.FRAM", "RTC = FRAM = None", False),
        ("not config.RTC", "RTC = None", True),
        ("config.JOBS is not None", "JOBS = None", False),
        ("config.JOBS is not None", "JOBS = b''", True),
        ("config.SEALED == 2", "SEALED = 1", False),
        ("config.UNKNOWN", "", True),
        ("node.gone", "", True),
    ],
)
def test_a_branch_that_the_configuration_decides(test, config, is_kept):
    sources = {
        NODE: f"def f(node):\n    if {test}:\n        from converter.hal import rtc",
        "converter/hal/rtc.py": "",
    }
    assert ("converter/hal/rtc.py" in kept(sources, config)) == is_kept


def test_the_other_branch_is_followed():
    sources = {
        NODE: "if config.A:\n import converter.hal.a\nelse:\n import converter.hal.b",
        "converter/hal/a.py": "",
        "converter/hal/b.py": "",
    }
    assert kept(sources, "A = 0") == {NODE, "converter/hal/b.py"}


def test_names_put_together_at_run_time():
    sources = {
        NODE: '__import__("converter.hal.rtc_" + c)\ncall("store.archive")\n_hal("keeper_" + k)',
        "converter/hal/rtc_ds3231.py": "",
        "converter/hal/rtc_rx8025.py": "",
        "converter/hal/keeper_file.py": "",
        "converter/store/archive.py": "",
        "converter/store/history.py": "",
    }
    wanted = kept(sources, "RTC = ('ds3231', (0, 9))\nKEEPER = 'file', ('/state',)")
    assert wanted == set(sources) - {"converter/hal/rtc_rx8025.py", "converter/store/history.py"}


def test_the_sample_takes_about_half_of_the_firmware():
    every = firmware_sources()
    ours = slot_files(load("sample"))
    assert {"converter/app/services_cjt188.mpy", "converter/hal/pulse_irq.mpy"} < set(ours)
    others = ("fram_", "rtc_", "collector", "sealed", "mbus_records")
    assert not [path for path in ours if any(name in path for name in others)]
    assert len(ours) < 0.65 * len(every)
