"""Examples as people write them become spec drafts, or are refused by name."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RequestRefused
from core.llm.offline.examples import parse_examples
from core.spec import spec_from_draft
from core.vocabulary import base_vocabulary

PHRASES = [
    "f(2, 3) is 5",
    "f(2,3) = 5",
    "f(2, 3) == 5",
    "f(2, 3) -> 5",
    "f(2, 3) → 5",
    "f(2, 3) should return 5",
    "f(2, 3) should be 5",
    "f(2, 3) gives 5",
    "f(2, 3) returns 5.",
    "f(2, 3) must equal 5",
    "f(2, 3): 5",
    "f(a=2, b=3) is 5",
    "f(b=3, a=2) is 5",
    "given 2 and 3 it returns 5",
    "Given 2 and 3, it should return 5.",
    "when given 2, 3 the result is 5",
    "with a = 2 and b = 3 the answer is 5",
    "for 2 and 3, it gives 5",
    "2, 3 -> 5",
    "2 and 3 gives 5",
]


def only_draft(text: str) -> dict:
    (draft,) = parse_examples(text).drafts
    return draft


@pytest.mark.parametrize("text", PHRASES)
def test_every_phrasing_of_one_example_says_the_same(text):
    draft = only_draft(text)
    (example,) = draft["examples"]
    assert sorted(example["in"].items()) == [("a", 2), ("b", 3)]
    assert example["out"] == {"result": 5}


@pytest.mark.parametrize(
    ("text", "given_value", "result"),
    [
        ("double([1,2]) gives [2,4]", [1, 2], [2, 4]),
        ("scale(0.5) should return 50", 0.5, 50),
        ("greet('Bob') is 'Hello, Bob!'", "Bob", "Hello, Bob!"),
        ("greet(“Bob”) is “Hi Bob”", "Bob", "Hi Bob"),
        ("is_even(4) is True", 4, True),
        ("is_even(4) is true.", 4, True),
        ("negate(-4) is 4", -4, 4),
        ("share(5%) is 0.05", 0.05, 0.05),
        ("grow(10) is 1,200", 10, 1200),
        ("first([]) is ''", [], ""),
        ("double([1]) is [2]", [1], [2]),
        ("isEven(4) is True", 4, True),
    ],
)
def test_values_of_every_kind_are_read(text, given_value, result):
    (example,) = only_draft(text)["examples"]
    assert list(example["in"].values()) == [given_value]
    assert list(example["out"].values()) == [result]
    assert type(example["out"]["result"]) is type(result)


def test_a_dictionary_result_names_the_outputs():
    draft = only_draft("split_even(7) is {'low': 3, 'high': 4}")
    assert list(draft["outputs"]) == ["low", "high"]


def test_a_signature_in_the_text_names_the_inputs():
    draft = only_draft("Write area(width, height): area(2, 3) is 6, area(4, 5) is 20")
    assert list(draft["inputs"]) == ["width", "height"]


def test_several_functions_in_one_request_become_several_drafts():
    text = "add(2, 3) is 5 and add(1, 1) is 2. shout('a') is 'A'."
    drafts = parse_examples(text).drafts
    assert [draft["name"] for draft in drafts] == ["add", "shout"]
    outputs = [name for draft in drafts for name in draft["outputs"]]
    assert len(set(outputs)) == len(outputs)


def test_examples_that_contradict_are_refused_naming_both():
    with pytest.raises(RequestRefused, match=r"'f\(2\) is 3' and 'f\(2\) is 4'"):
        parse_examples("f(2) is 3, f(2) is 4")


def test_true_and_one_are_different_inputs_and_different_outputs():
    with pytest.raises(RequestRefused, match="not of one kind"):
        parse_examples("f(1) is 1, f(True) is 2")


def test_examples_with_different_numbers_of_inputs_are_refused():
    with pytest.raises(RequestRefused, match=r"f\(1, 2\) is 3.*f\(1\) is 2"):
        parse_examples("f(1, 2) is 3, f(1) is 2")


@pytest.mark.parametrize(
    "text",
    [
        "Buy when ema_9 crosses above ema_21 and rsi_14 is below 70.",
        "Stop at 2 times atr_14 for 3 bars.",
        "",
        "hello",
        "f(x) is nice",
        "f(2, 3",
    ],
)
def test_text_without_examples_is_left_whole(text):
    read = parse_examples(text)
    assert (read.drafts, read.rest) == ((), text)


def test_sentences_about_something_else_are_left_over():
    read = parse_examples("add(2, 3) is 5. Also buy when rsi_14 is below 30.")
    assert read.rest == "Also buy when rsi_14 is below 30."
    assert "buy" not in read.drafts[0]["intent"].lower()


def test_words_about_the_function_are_its_intent():
    draft = only_draft(
        "Write a function tip that gives 15% of a bill: tip(10.0) is 1.5"
    )
    assert "15%" in draft["intent"]
    assert "10.0" not in draft["intent"]


def test_a_divisor_is_kept_from_zero_and_nothing_else_is():
    draft = only_draft("ratio(6, 3) is 2, ratio(9, 2) is 4.5, ratio(1, 4) is 0.25")
    assert draft["inputs"]["b"]["minimum"] > 0
    assert draft["inputs"]["a"]["minimum"] < 0


def test_a_name_python_uses_is_not_taken_for_a_module():
    assert only_draft("sum(2, 3) is 5")["name"] == "sum_of"


scalars = st.one_of(
    st.integers(-(10**6), 10**6),
    st.booleans(),
    st.floats(-1e6, 1e6).map(lambda value: round(value, 4)),
    st.text("abc xyz!?", max_size=8),
)
rows = st.lists(
    st.tuples(st.integers(-999, 999), st.floats(-99, 99).map(lambda v: round(v, 3))),
    min_size=1,
    max_size=6,
    unique=True,
)


@given(st.lists(scalars, min_size=1, max_size=5), scalars)
def test_what_python_writes_is_read_back_exactly(values, result):
    written = ", ".join(map(repr, values))
    read = parse_examples(f"f({written}) is {result!r}.", settle=False)
    (example,) = read.drafts[0]["examples"]
    assert [repr(v) for v in example["in"].values()] == [repr(v) for v in values]
    assert repr(example["out"]["result"]) == repr(result)


@given(rows)
def test_a_draft_is_a_lawful_spec_whose_examples_it_admits(given_rows):
    text = ", ".join(f"f({a}, {b!r}) is {a + b!r}" for a, b in given_rows)
    (draft,) = parse_examples(text, settle=False).drafts
    spec = spec_from_draft(draft, stack="made", vocabulary=base_vocabulary())
    assert len(spec.contract.examples) == len(given_rows)


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_fail(text):
    with suppress(RequestRefused):
        parse_examples(text, settle=False)


def test_a_long_text_is_read_in_good_time():
    read = parse_examples("for 3 (and 4 " * 8000, settle=False)
    assert read.drafts == ()
