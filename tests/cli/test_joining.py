"""One sentence adds a gate to a stack that stands, and nothing else of it changes."""

import io
import json
import re
import sys
from typing import Any

import pytest

from core.settings import Settings
from core.store import Store
from tests.cli.standing import NAME, REQUEST, Command, standing
from tests.model_endpoint import ModelEndpoint

LIMITS = "also skip Sundays, and no new entries within an hour after a loss"
SUNDAY, LOSS = "skip_on_sunday", "skip_within_1_hour_after_a_loss"
OURS = {"long_entry": f"{NAME}.long_entry"}
QUIET: dict[str, Any] = {
    "name": "quiet_hours",
    "role": "gate",
    "inputs": {"hour": {"unit": "hour"}},
    "outputs": {"proceed": {"unit": "flag"}, "reason": {"unit": "text"}},
    "intent": "Never trade before 06:00 UTC.",
}
FILE = f"prompts/{NAME}_request.txt"


@pytest.fixture
def asza(
    settings: Settings, store: Store, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Commands in a project whose stack stands, one module built."""
    return standing(settings.root, capsys)


def states(plan: dict[str, Any]) -> dict[str, str | None]:
    return {each["name"]: each["reused"] for each in plan["specs"]}


def test_the_request_of_a_stack_that_stands_is_that_stack(
    asza: Command, monkeypatch: pytest.MonkeyPatch
):
    before = asza.files()
    told = asza("plan", "--file", str(asza.root / FILE))
    assert (told["stack"], states(told)) == (NAME, OURS)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"  {REQUEST}\n"))
    typed = asza("ask", "-")
    assert (typed["plan"]["stack"], typed["built"]) == (NAME, [])
    assert asza.files() == before
    assert asza("plan", REQUEST, "--stack", "another", code=4)["exit_code"] == 4
    asza.shown("plan", REQUEST, "--file", "x", code=2)
    asza("plan", "--file", str(asza.root / "none.txt"), code=13)
    path = str(asza.root / FILE)
    assert f"say --file {path}" in asza("plan", path, code=2)["remedy"]


@pytest.mark.parametrize("order", ["ask", "plan"])
def test_a_mistyped_stack_is_asked_about_and_not_made(asza: Command, order: str):
    before = asza.files()
    for typed in ("caerful", "carful", "carefol"):
        refused = asza(order, "--stack", typed, LIMITS, code=13)
        assert (refused["field"], refused["value"]) == ("stack", f"'{typed}'")
        assert f"did you mean '{NAME}'?" in refused["remedy"]
    assert asza.files() == before


@pytest.mark.parametrize("name", [f"{NAME}_2", "bold"])
def test_a_stack_of_a_name_of_its_own_is_new(asza: Command, name: str):
    told = asza("plan", "Buy when RSI 14 is below 30.", "--stack", name)
    assert told["stack"] == name


def test_a_sentence_adds_gates_and_they_can_be_taken_out(asza: Command):
    before = asza.files()
    answer = asza("ask", "--stack", NAME, LIMITS)
    assert states(answer["plan"]) == {**OURS, SUNDAY: None, LOSS: None}
    built = {b["module"]: (b["means"], b["strength"]) for b in answer["built"]}
    assert built == {f"{NAME}.{name}": ("rules", 1.0) for name in (SUNDAY, LOSS)}
    after = asza.files()
    assert before.items() <= after.items()
    assert "allowed = seconds_since_loss >= 3600" in after[f"{LOSS}.py"]

    again = asza("plan", "--stack", NAME, "skip Sundays", code=4)
    assert f"{NAME}.{SUNDAY}" in again["message"]
    for name in (SUNDAY, LOSS):
        asza("remove", f"{NAME}.{name}")
    assert asza.files() == before
    asza("rollback", f"{NAME}.{SUNDAY}", "1")
    assert asza.files()[f"{SUNDAY}.py"] == after[f"{SUNDAY}.py"]
    asza("remove", f"{NAME}.nothing", code=13)


def test_what_another_module_reads_cannot_be_taken_out(asza: Command):
    reader = (
        "---\nname: quiet\nrole: gate\ninputs:\n  enter_long: {unit: flag}\n"
        "outputs:\n  proceed: {unit: flag}\nfallback: {proceed: false}\n---\n"
        "Go on where enter_long is true.\n"
    )
    asza.write(f"prompts/{NAME}/quiet.md", reader)
    before = asza.files()
    told = asza("remove", f"{NAME}.long_entry", code=5)
    assert "'quiet' needs 'enter_long'" in told["message"]
    assert asza.files() == before


def test_what_would_do_nothing_is_not_added(asza: Command):
    before = asza.files()
    for sentence, says in {
        "Buy when RSI 14 is below 20.": f"nothing in the stack {NAME} would read it",
        "Paint it green.": "was not understood",
        "Never buy when RSI is above 120.": "RSI 14 is never above 100",
    }.items():
        assert says in asza("ask", "--stack", NAME, sentence, code=4)["message"]
    assert asza.files() == before


@pytest.mark.parametrize(
    "sentence",
    ["never trade", "do not trade on the first day of the month", "Buy when RSI < 20"],
)
def test_what_a_refusal_says_instead_can_join_the_stack(asza: Command, sentence: str):
    refused = asza("ask", "--stack", NAME, sentence, code=4)
    offered = re.findall(r"“(.+?)”", refused["remedy"])
    assert len(offered) == 2
    for each in offered:
        assert asza("plan", "--stack", NAME, each)["specs"]


def test_what_was_not_understood_is_quoted_with_its_first_words(asza: Command):
    sentence = "Please do not trade on the first day of the month"
    refused = asza("ask", "--stack", NAME, sentence, code=4)
    assert refused["value"] == repr(sentence)


def test_a_misspelt_word_is_guessed_at(asza: Command):
    told = asza("ask", "--stack", NAME, "also skip Sundys", code=4)
    assert told["remedy"].startswith("Did you mean sundays? Otherwise say when not to")


def test_a_model_is_told_what_stands_and_plans_the_rest(
    asza: Command, monkeypatch: pytest.MonkeyPatch
):
    plan = json.dumps({"specs": [QUIET], "not_understood": []})
    twice = json.dumps(
        {"specs": [{**QUIET, "name": "long_entry"}], "not_understood": []}
    )
    with ModelEndpoint([plan, twice, plan, plan]) as endpoint:
        monkeypatch.setenv("LLM_ARCHITECT", "url:local")
        monkeypatch.setenv("LLM_API_URL", endpoint.openai_url)
        monkeypatch.setenv("LLM_PRICE_INPUT", "0")
        monkeypatch.setenv("LLM_PRICE_OUTPUT", "0")
        joined = asza("plan", "--stack", NAME, "not in the small hours")
        mended = asza("plan", "--stack", NAME, "not in the small hours")
        anew = asza("plan", "--file", str(asza.root / FILE))
    assert states(joined) == states(mended) == {**OURS, "quiet_hours": None}
    assert "long_entry (entry): rsi_14, rsi_limit -> enter_long" in (
        endpoint.asked[0].user
    )
    assert "two modules are called 'long_entry'" in endpoint.asked[2].user
    assert states(anew) == {"quiet_hours": None}
    assert "explained to nobody" in endpoint.asked[3].user
