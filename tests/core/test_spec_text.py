import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spec import describe, signature, spec_from_draft, type_stubs
from tests.core.spec_samples import DESK, draft, leverage

BAR = {
    "type": "object",
    "properties": {"low": {"unit": "price"}, "tag": {"unit": "text"}},
}
RICH = draft(
    inputs={
        "bars": {"type": "array", "items": BAR, "maxItems": 9},
        "maybe": {"unit": "price", "type": ["number", "null"]},
        "weights": {"type": "object", "additionalProperties": {"unit": "ratio"}},
        "side": {"enum": ["long", "short"]},
    },
    outputs={"best": BAR, "flag": {"unit": "flag", "safer": "equal"}},
    state={"step": {"unit": "count", "initial": 0}},
    capabilities=["ask_model"],
    assumes=["len(bars) > 0"],
    invariants=["flag or step == 0"],
)


def rich():
    return spec_from_draft(RICH, stack="desk", vocabulary=DESK)


def test_the_signature_is_the_designs():
    assert signature(leverage()) == (
        "def leverage_manager(confidence: float, volatility: float, "
        "max_leverage: float) -> dict:"
    )


def test_state_and_capabilities_stand_in_the_signature():
    assert signature(rich()) == (
        "def adder(bars: list[dict], maybe: float | None, weights: dict[str, float], "
        "side: str, previous_step: int, *, ask_model: Callable[..., str | None]) "
        "-> dict:"
    )


def test_the_typed_signature_names_the_stubs_types():
    spec = rich()
    names = {
        node.name
        for node in ast.parse(type_stubs(spec)).body
        if isinstance(node, ast.ClassDef)
    }
    assert names == {"Bars", "Best", "AskModel", "Outputs"}
    assert "bars: list[Bars]" in signature(spec, typed=True)
    assert signature(spec, typed=True).endswith("ask_model: AskModel) -> Outputs:")


BODIES = [
    ("return {'best': bars[0], 'flag': True, 'step': 1}", ""),
    ("return {'best': bars[0], 'flag': True}", "Missing required key 'step'"),
    ("return {'best': bars[0], 'flag': 1.5, 'step': 1}", "expected `Outputs`"),
    ("return {'best': bars[0]['hgih'], 'flag': True, 'step': 1}", "hgih"),
    ("x = maybe + 1\n    return {'best': bars[0], 'flag': True, 'step': 1}", "None"),
    ("x = len(ask_model('why'))\n    return {}", "Sized"),
]


@pytest.mark.parametrize(("body", "fault"), BODIES)
def test_the_stubs_let_the_type_checker_find_what_the_contract_forbids(
    sandbox, body, fault
):
    spec = rich()
    source = f"{signature(spec, typed=True)}\n    {body}\n"
    found = " ".join(sandbox.type_check(source, type_stubs(spec)))
    assert bool(found) == bool(fault)
    assert fault in found


def test_the_account_of_a_spec_says_all_of_its_contract():
    text = describe(leverage())
    for part in (
        "- confidence: float, unit ratio, 0 to 1",
        "- volatility: float, unit ratio, 0 to 1; ATR / close",
        "- leverage: float, 1 to 50, lower is safer",
        "- leverage <= max_leverage",
        "(confidence=0.9, volatility=0.0, max_leverage=5.0) gives {'leverage': 4.2}",
        "From 1 at confidence 0.5",
        signature(leverage()),
    ):
        assert part in text
    assert "State" not in text
    assert "Capabilities" not in text


def test_the_account_shows_state_capabilities_and_nested_fields():
    text = describe(rich())
    for part in (
        "previous_step: int, unit count",
        "ask_model(question: str) -> str | None, null when it abstains",
        'side: str, "long" or "short"',
        "low: float, unit price, above 0 to 1e+07",
        "- len(bars) > 0",
        "must stay equal",
    ):
        assert part in text


@given(st.sampled_from(sorted(DESK.units)), st.sampled_from(sorted(DESK.units)))
def test_every_unit_has_an_annotation_and_parseable_stubs(given_unit, made_unit):
    one = draft(inputs={"a": given_unit, "b": "ratio"}, outputs={"c": made_unit})
    spec = spec_from_draft(one, stack="desk", vocabulary=DESK)
    for typed in (False, True):
        ast.parse(f"{signature(spec, typed=typed)}\n    return {{}}")
    ast.parse(type_stubs(spec))
