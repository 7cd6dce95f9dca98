"""What is reused is pure, has the same door, and gives the new spec's own examples."""

from core.llm import LibraryEntry
from core.llm.offline.library import match
from core.sandbox import Sandbox
from core.spec import Spec, spec_from_draft
from core.vocabulary import base_vocabulary

NUMBER = {"type": "number", "minimum": -1000, "maximum": 1000}


def spec(
    name: str,
    intent: str,
    shown: list[tuple[float, float, float]] | None = None,
    **more: object,
) -> Spec:
    draft = {
        "name": name,
        "role": "function",
        "inputs": {"a": NUMBER, "b": NUMBER},
        "outputs": {"result": {**NUMBER, "maximum": 1e9, "minimum": -1e9}},
        "examples": [
            {"in": {"a": a, "b": b}, "out": {"result": c}} for a, b, c in shown or []
        ],
        "intent": intent,
        **more,
    }
    return spec_from_draft(draft, stack="made", vocabulary=base_vocabulary())


ADD = LibraryEntry(
    spec("add", "Give the sum of a and b."), 'return {"result": a + b}', module="x.add"
)
TIMES = LibraryEntry(
    spec("times", "Give the product of a and b."), 'return {"result": a * b}'
)
SUMS = [(1, 2, 3), (2, 2, 4), (5, 0, 5), (-1, 4, 3), (0.5, 1, 1.5)]


def test_the_same_contract_and_intent_are_reused_whatever_the_name(sandbox: Sandbox):
    asked = spec("plus", "give the SUM of a and b")
    assert match(asked, [TIMES, ADD], sandbox=sandbox) is ADD


def test_five_examples_that_all_hold_are_enough(sandbox: Sandbox):
    asked = spec("mystery", "Something else entirely.", SUMS)
    assert match(asked, [TIMES, ADD], sandbox=sandbox) is ADD


def test_four_examples_with_other_words_are_not_enough(sandbox: Sandbox):
    asked = spec("mystery", "Something else entirely.", SUMS[:4])
    assert match(asked, [TIMES, ADD], sandbox=sandbox) is None


def test_one_example_that_fails_refuses_the_entry(sandbox: Sandbox):
    asked = spec("add", "Give the sum of a and b.", [*SUMS, (1, 1, 5)])
    assert match(asked, [ADD], sandbox=sandbox) is None


def test_nearly_the_same_words_need_an_example_that_holds(sandbox: Sandbox):
    words = "Give the sum of a and of b."
    assert match(spec("plus", words, SUMS[:1]), [ADD], sandbox=sandbox) is ADD
    assert match(spec("plus", words), [ADD], sandbox=sandbox) is None


def test_words_that_differ_in_a_number_ask_for_something_else(sandbox: Sandbox):
    scaled = LibraryEntry(
        spec("scaled", "Give a times 10 plus b."), 'return {"result": a * 10 + b}'
    )
    asked = spec("scaled", "Give a times 20 plus b.", [(0, 3, 3)])
    assert match(asked, [scaled], sandbox=sandbox) is None


def test_other_names_at_the_door_are_another_module(sandbox: Sandbox):
    asked = spec("add", "Give the sum of a and b.", inputs={"x": NUMBER, "y": NUMBER})
    assert match(asked, [ADD], sandbox=sandbox) is None


def test_another_contract_is_not_the_same_for_its_words_alone(sandbox: Sandbox):
    asked = spec("add", "Give the sum of a and b.", invariants=["result >= a"])
    assert match(asked, [ADD], sandbox=sandbox) is None


def test_a_body_that_raises_is_not_reused(sandbox: Sandbox):
    broken = LibraryEntry(ADD.spec, 'return {"result": a / 0}')
    asked = spec("add", "Give the sum of a and b.", SUMS)
    assert match(asked, [broken], sandbox=sandbox) is None


def test_a_sandbox_of_its_own_is_used_when_none_is_given():
    assert match(spec("plus", "Give the sum of a and b.", SUMS), [ADD]) is ADD
