"""Programs that fail: the one line that says why, and the log with the rest."""

import pytest
from sibiao.errors import SibiaoError
from sibiao.micropython.process import run


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo Err:1 trixie; echo E: Failed to fetch; echo W: old", "exit code 3: E: Failed to"),
        ("echo main.c:1: fatal error: no.h; echo make: stop", r"main\.c:1: fatal error: no\.h"),
        ("echo first; echo last", "exit code 3: last"),
        ("true", "it printed nothing"),
    ],
)
def test_the_line_that_says_why(tmp_path, script, said):
    log = tmp_path / "log"
    with pytest.raises(SibiaoError, match=said) as caught:
        run(["sh", "-c", f"{script}; exit 3"], "trying it", log)
    assert str(log) in str(caught.value)


def test_output_is_returned_told_and_logged(tmp_path):
    lines = []
    printed = run(["sh", "-c", "echo 1; echo 2 >&2"], "it", tmp_path / "log", on_line=lines.append)
    assert printed == "1\n2\n" and lines == ["1\n", "2\n"]
    assert (tmp_path / "log").read_text().endswith("1\n2\n")


def test_program_that_is_not_there(tmp_path):
    with pytest.raises(SibiaoError, match="cannot start no-such-program"):
        run(["no-such-program"], "trying it", tmp_path / "log")
