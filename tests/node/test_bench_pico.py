"""`sibiao bench --quick` on the emulated Pico, as CI calls it: the real command and its report."""

import json
import subprocess
import sys

import pytest

# Three minutes is what the bench promises on a quiet machine of two cores.
_LIMIT_S = 1200
_CLAUSES = {
    "4.5/5.7", "4.10/5.9", "4.11/5.12", "4.12/5.13", "4.14/5.14", "annex A",
}  # fmt: skip


@pytest.mark.lab
@pytest.mark.pico
def test_quick_run_passes(tmp_path, pico_image):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "sibiao", "bench", "--module", "pico", "--quick"]
    done = subprocess.run(
        [*command, "--seed", "7", "--out", str(out), "--json"],
        check=False, capture_output=True, text=True, timeout=_LIMIT_S,
    )  # fmt: skip
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    said = {step["name"]: step["said"] for step in report["steps"] if step["said"]}
    assert (done.returncode, report["verdict"], said) == (0, "passed", {}), done.stderr
    assert {step["clause"] for step in report["steps"]} == _CLAUSES
    assert json.loads(done.stdout.splitlines()[-1])["verdict"] == "passed"
    assert report["module"]["serial"] == "SB26000001"
