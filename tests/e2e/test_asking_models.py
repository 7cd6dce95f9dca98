"""The same requests through servers that speak the three wire formats."""

from pathlib import Path

import pytest

from tests.e2e.project import Project
from tests.e2e.scripted import (
    EXAMPLES,
    KEY,
    POEM,
    RULES,
    answered,
    marked,
    spent,
    through,
)
from tests.model_endpoint import Fault, ModelEndpoint

WIRES = {"url": "completions", "openai": "responses", "anthropic": "messages"}
all_kinds = pytest.mark.parametrize("kind", WIRES)


@all_kinds
def test_a_rule_request_is_built_and_run(project: Project, candles: Path, kind: str):
    with ModelEndpoint(answered(marked(kind))) as endpoint:
        env = through(kind, endpoint)
        name = f"rules_{kind}"
        made = project.data("ask", RULES, "--stack", name, "--data", candles, **env)
    assert {ask.wire for ask in endpoint.asked} == {WIRES[kind]}
    assert len(endpoint.asked) == 1 + 2
    assert all(each["means"] == "model" for each in made["built"])
    assert all(float(each["cost_usd"]) > 0 for each in made["built"])
    assert float(made["plan"]["cost_usd"]) > 0
    assert made["plan"]["architect"].startswith(kind)
    assert made["run"]["totals"]["trades"] > 0
    assert made["run"]["totals"]["failures"] == 0


@all_kinds
def test_a_request_with_examples_only_is_built_and_called(project: Project, kind: str):
    with ModelEndpoint(answered(marked(kind))) as endpoint:
        env = through(kind, endpoint)
        made = project.data("ask", EXAMPLES, "--stack", f"examples_{kind}", **env)
    calls = made["run"]["calls"]
    assert len(calls) == 3
    assert all(each["outputs"] == each["expected"] for each in calls)


def test_what_the_model_did_not_understand_is_refused(project: Project):
    before = project.files()
    with ModelEndpoint(answered()) as endpoint:
        refused = project.data("ask", POEM, code=4, **through("anthropic", endpoint))
    assert POEM in refused["message"]
    assert len(endpoint.asked) == 1
    assert project.files() == before


def test_what_was_spent_is_in_the_budget_and_in_the_history(project: Project):
    with ModelEndpoint(answered(marked("the budget"))) as endpoint:
        env = through("openai", endpoint)
        made = project.data("ask", EXAMPLES, "--stack", "paid", "--no-run", **env)
    (built,) = made["built"]
    costs = spent(project)
    whole = sum(cost for cycle, cost in costs.items() if cycle.startswith("paid"))
    paid = float(made["plan"]["cost_usd"]) + float(built["cost_usd"])
    assert whole == pytest.approx(paid)
    (version,) = project.data("history", built["module"])
    assert float(version["cost_usd"]) == float(built["cost_usd"])
    assert version["writer"] == built["writer"]
    shown = project.asza("budget").out
    assert "paid" in shown
    assert "$5" in shown


def test_no_key_stands_in_a_thought_a_file_or_an_answer(project: Project):
    thoughts = project.asza("thoughts", "--limit", "200", "--json").out
    assert "Write the body of `mid`" in thoughts
    assert "The request, for the stack" in thoughts
    assert KEY not in thoughts
    home = Path(project.env["ASZA_HOME"])
    logs = [path.read_text(encoding="utf-8") for path in home.glob("logs/*")]
    assert not any(KEY in text for text in [*project.files().values(), *logs])


def test_a_call_that_could_cost_too_much_is_refused_before_it_is_made(project: Project):
    with ModelEndpoint(answered()) as endpoint:
        env = through("openai", endpoint, BUDGET_PER_CALL="0.01")
        refused = project.data("ask", RULES, "--stack", "poor", code=8, **env)
        assert endpoint.asked == []
    assert refused["field"] == "budget.call"
    assert "BUDGET_PER_CALL" in refused["remedy"]


def test_a_model_without_a_price_is_refused_before_it_is_called(project: Project):
    with ModelEndpoint(answered()) as endpoint:
        env = through("url", endpoint, LLM_PRICE_INPUT="", LLM_PRICE_OUTPUT="")
        refused = project.data("ask", RULES, "--stack", "poor", code=8, **env)
        assert endpoint.asked == []
        free = {**env, "LLM_API_FREE": "true"}
        plan = project.data("plan", EXAMPLES, "--stack", "free", **free)
    assert "price" in refused["message"]
    assert float(plan["cost_usd"]) == 0


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault(401, "wrong key"), "OPENAI_API_KEY"),
        (Fault(404, "no such model"), "gpt-5"),
    ],
)
def test_a_model_that_refuses_is_told_as_such(
    project: Project, fault: Fault, says: str
):
    with ModelEndpoint([fault]) as endpoint:
        told = project.data("plan", RULES, code=7, **through("openai", endpoint))
    assert says in f"{told['message']} {told['remedy']}"
    assert KEY not in f"{told}"


def test_answers_are_recorded_and_replayed_without_a_server(project: Project):
    with ModelEndpoint(answered(marked("the tape"))) as endpoint:
        env = through("anthropic", endpoint, LLM_RECORD="tape")
        made = project.data("ask", EXAMPLES, "--stack", "taped", "--no-run", **env)
    recordings = list((project.root / "tape").glob("*.json"))
    assert len(recordings) == len(endpoint.asked) == 2
    assert not any(KEY in path.read_text(encoding="utf-8") for path in recordings)
    body = project.data("show", made["built"][0]["module"])["body"]
    taped = {"LLM_ARCHITECT": "recorded:tape", "LLM_WRITER": "recorded:tape"}
    again = project.data("build", "taped", "--fresh", **taped)["built"]
    assert [each["unchanged"] for each in again] == [True]
    assert project.data("show", made["built"][0]["module"])["body"] == body
    missed = project.data("plan", RULES, code=7, **taped)
    assert "no recording" in missed["message"]
