"""What a model gets wrong is sent back once with the findings, then refused."""

import json
from copy import deepcopy

import pytest

from tests.e2e.project import Project
from tests.e2e.scripted import (
    BODIES,
    EXAMPLES,
    EXAMPLES_PLAN,
    RULES,
    RULES_PLAN,
    answered,
    body,
    marked,
    through,
)
from tests.model_endpoint import Ask, ModelEndpoint, Scripted

PLAN = json.dumps(EXAMPLES_PLAN)
GOOD = body(BODIES["mid"])


def test_a_bad_body_is_repaired_after_the_findings(project: Project):
    bad = body("return {'middle': a + b / 2}")
    with ModelEndpoint([PLAN, bad, GOOD]) as endpoint:
        env = through("openai", endpoint)
        made = project.data("ask", EXAMPLES, "--stack", "mended", **env)
    assert made["built"][0]["attempts"] == 2
    _plan, write, repair = endpoint.asked
    assert "What the gate found" not in write.user
    assert "What the gate found" in repair.user
    assert "a + b / 2" in repair.user
    steps = {each["step"] for each in project.data("thoughts")}
    assert {"plan", "write mended.mid", "repair mended.mid"} <= steps
    cycle = project.data("thoughts")[0]["cycle"]
    shown = project.asza("thoughts", cycle, "repair mended.mid").out
    assert "What the gate found" in shown


@pytest.mark.parametrize(
    "answer",
    [
        "Certainly! Here you are:\n```python\ndef mid(a, b):\n    return {'middle': (a + b) / 2}\n```\nEnjoy.",
        "\ufeffreturn {“middle”: (a + b) / 2}\r\n",
    ],
    ids=["fenced in prose", "smart quotes and BOM"],
)
def test_a_messy_answer_is_reduced_to_its_body(
    project: Project, answer: str, request: pytest.FixtureRequest
):
    mark = request.node.callspec.id
    plan = json.dumps(marked(mark)[EXAMPLES])
    with ModelEndpoint([plan, answer]) as endpoint:
        env = through("url", endpoint)
        stack = mark.partition(" ")[0]
        made = project.data("ask", EXAMPLES, "--stack", stack, "--no-run", **env)
        assert len(endpoint.asked) == 2
    assert made["built"][0]["attempts"] == 1


def test_a_model_that_never_writes_a_lawful_body_leaves_no_module(project: Project):
    hostile = body("import os\nreturn {'middle': os.getpid()}")
    plan = deepcopy(EXAMPLES_PLAN)
    plan["specs"][0] |= {"name": "hostile", "outputs": {"risen": {"unit": "number"}}}
    plan["specs"][0] |= {"examples": [], "intent": "The process id."}
    with ModelEndpoint([json.dumps(plan), hostile]) as endpoint:
        env = through("anthropic", endpoint)
        refused = project.data("ask", EXAMPLES, "--stack", "evil", code=6, **env)
        assert len(endpoint.asked) == 1 + 4
    assert "import" in refused["message"]
    assert not [path for path in project.files() if "evil" in path]
    project.data("list", "evil", code=13)


def test_a_plan_with_a_fault_is_mended_in_the_repair_round(project: Project):
    faulty = deepcopy(EXAMPLES_PLAN)
    faulty["specs"][0]["inputs"]["a"] = {"type": "number"}
    with ModelEndpoint([json.dumps(faulty), PLAN]) as endpoint:
        made = project.data("plan", EXAMPLES, **through("openai", endpoint))
    assert [each["name"] for each in made["specs"]] == ["mid"]
    first, second = endpoint.asked
    assert "refused" not in first.user
    assert "unit" in second.user.partition("Why:")[2]


def test_a_plan_that_reads_an_undeclared_starting_value_is_refused(project: Project):
    before = project.files()
    plan = deepcopy(RULES_PLAN)
    plan["specs"][0]["inputs"]["moon_phase"] = {"unit": "ratio"}
    plan["specs"][0]["examples"] = []
    with ModelEndpoint(answered(plans={RULES: plan})) as endpoint:
        refused = project.data("ask", RULES, code=5, **through("url", endpoint))
        assert len(endpoint.asked) == 2
    assert "moon_phase" in refused["message"]
    assert "moon_phase" in endpoint.asked[1].user
    assert project.files() == before


@pytest.mark.parametrize("answer", ["I would rather not.", '{"specs": [{"name'])
def test_an_answer_that_is_no_plan_is_asked_for_once_more(
    project: Project, answer: str
):
    def script(ask: Ask) -> Scripted:
        return PLAN if "Your plan before this one was refused" in ask.user else answer

    with ModelEndpoint(script) as endpoint:
        made = project.data("plan", EXAMPLES, **through("anthropic", endpoint))
        assert len(endpoint.asked) == 2
    assert made["architect"].startswith("anthropic")


def test_an_instruction_in_an_answer_is_not_obeyed(project: Project):
    """A plan may hold any text; nothing in it is run, and nothing outside is touched."""
    plan = deepcopy(EXAMPLES_PLAN)
    plan["specs"][0]["name"] = "../../escaped"
    with ModelEndpoint([json.dumps(plan)]) as endpoint:
        refused = project.data("ask", EXAMPLES, code=5, **through("url", endpoint))
    assert "name" in refused["message"]
    assert not list(project.root.parent.rglob("escaped*"))
