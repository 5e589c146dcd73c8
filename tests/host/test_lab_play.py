"""Steps played by pytest on a real module in virtual time: outcomes, values, seeds, selection."""

import re
from pathlib import Path

import pytest
from sibiao.errors import SibiaoError
from sibiao.lab.play import SHIPPED, Plan, collected

from tests.host.lab_steps import SEED, own_steps, played


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return own_steps(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def run(folder):
    return played(folder)


@pytest.fixture(scope="module")
def steps(run):
    return {step.name: step for step in run[1]}


def test_each_step_ends_as_it_did(steps):
    assert {name: step.outcome for name, step in steps.items()} == {
        "test_address": "passed",
        "test_two_values_outside": "failed",
        "test_value_missing": "failed",
        "test_relay": "skipped",
        "test_instrument": "error",
        "test_assertion": "failed",
        "test_fails_and_falls_apart": "failed",
        "test_what_is_no_number": "failed",
        "test_rng": "passed",
    }


def test_a_step_says_all_that_is_out_of_its_limits(steps):
    assert steps["test_two_values_outside"].said.splitlines() == [
        "counted less made: -1 pulses, must be exactly 0 pulses",
        "rate: 9.5 1/s, must be at least 10 1/s",
    ]
    assert [each.passed for each in steps["test_two_values_outside"].measured] == [
        False, False, True,
    ]  # fmt: skip
    assert steps["test_value_missing"].said == "latency: not measured, must be 20 to 500 ms"
    assert steps["test_relay"].said == "there is no relay <here>"
    assert steps["test_instrument"].said == "OSError: the multimeter is off"
    assert steps["test_assertion"].said == "found: 3, must be exactly 2\nthree is not two"
    assert steps["test_fails_and_falls_apart"].said == "no\nOSError: the clamp slipped"


def test_what_is_no_number_was_not_measured_and_what_is_no_plot_is_refused(steps):
    step = steps["test_what_is_no_number"]
    assert step.said == "nan: not measured"
    assert [(each.name, each.value) for each in step.measured] == [("nan", None), ("truth", 1)]
    assert not step.plots


def test_the_module_itself_was_asked(run, steps):
    facts, _, told, broken, _ = run
    step = steps["test_address"]
    assert facts.serial and facts.firmware
    assert bytes(reversed(bytes.fromhex(facts.address))) in step.logs["answer.bin"]
    delay = step.measured[0]
    assert (delay.name, delay.unit, delay.passed) == ("longest delay", "ms", True)
    assert len(step.plots[0].ms) == 10 == step.measured[1].value
    assert max(step.plots[0].ms) == delay.value
    assert (step.clause, step.title) == ("4.11/5.12", "functions")
    assert step.about == "Reads the address and measures the answer's delay."
    assert [at[2] for at in told if at[0] == "progress"] == list(range(10))
    assert broken == ""


def test_logs_are_of_their_step(steps):
    sent = steps["test_address"].logs["lines.txt"].decode()
    assert sent.count("uplink   >") == 10  # the stand's start is not in it
    assert "lines.txt" not in steps["test_rng"].logs
    assert b"printed by the step" in steps["test_assertion"].logs["printed.txt"]
    assert b"three is not two" in steps["test_assertion"].logs["traceback.txt"]


def test_a_seed_repeats_a_step_whichever_others_run(folder, steps):
    _, alone, *_ = played(folder, only=("4.11",))
    assert [step.name for step in alone] == ["test_address"]
    assert alone[0].plots == steps["test_address"].plots
    assert alone[0].logs == steps["test_address"].logs


def test_what_a_step_draws_is_of_the_seed_and_its_name(tmp_path, steps):
    text = "def test_NAME(rng, measure):\n    measure('drawn', rng.random(), '')\n"
    drawn = {}
    for name, seed in (("rng", SEED), ("other", SEED), ("rng", SEED + 1)):
        own = own_steps(tmp_path / f"{name}{seed}", text.replace("NAME", name))
        drawn[name, seed] = played(own, seed)[1][0].measured[0].value
    assert len(set(drawn.values())) == 3
    assert drawn["rng", SEED] == steps["test_rng"].measured[0].value


@pytest.mark.parametrize("only", [("4.10/5.9",), ("5.9",), ("channel",)])
def test_steps_are_chosen_by_clause_part_or_word(folder, only):
    chosen = collected(Plan(SEED, only=only, steps=(folder,), shipped=False))
    assert [step.name for step in chosen] == ["test_two_values_outside", "test_value_missing"]


def test_a_clause_that_no_step_is_of_is_told_with_those_that_are(folder):
    with pytest.raises(SibiaoError, match=r"no step is of 4\.1; there are: .*4\.10/5\.9 channel"):
        collected(Plan(SEED, only=("4.1",), steps=(folder,), shipped=False))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_that_name\n", "No module named 'nothing_of_that_name'"),
        ("def test_x(:\n", "SyntaxError"),
        ("X = 1\n", "there are no steps in"),
        (
            "import pytest\n@pytest.mark.claws('4.10')\ndef test_x():\n    pass\n",
            "'claws' not found in `markers`",
        ),
    ],
)
def test_steps_that_cannot_be_read_are_told_before_a_module_is_touched(tmp_path, text, said):
    own_steps(tmp_path / "own", text)
    with pytest.raises(SibiaoError) as error:
        collected(Plan(SEED, steps=(tmp_path / "own",), shipped=False))
    assert said in str(error.value)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(SibiaoError, match="there is no folder of steps"):
        collected(Plan(SEED, steps=(tmp_path / "none",)))


def test_the_step_in_the_documentation_works(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "bench.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    _, (step,), *_ = played(own_steps(tmp_path / "own", example))
    assert (step.outcome, len(step.plots[0].ms)) == ("passed", 20), step.said


def test_ordinary_runs_do_not_collect_the_steps(request):
    config = request.config
    collected_below = [config.rootpath / path for path in config.getini("testpaths")]
    assert collected_below
    assert not {SHIPPED, *SHIPPED.parents} & set(collected_below)
    loaded = {type(plugin).__name__ for plugin in config.pluginmanager.get_plugins()}
    assert "LabPlugin" not in loaded
