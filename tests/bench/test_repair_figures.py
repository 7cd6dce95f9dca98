"""The benchmark's figures: shares that add up, and a page that holds what was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.repair.attempts import Attempt, figures, grouped
from bench.repair.report import table, tables, write_page

KINDS = ("comparison", "missing guard", "two edits")


def attempt(
    verdict: str = "agreed", survivors: int = 1, right: bool = True, **told: object
) -> Attempt:
    found = Attempt(
        name="f-1",
        split="test",
        topic="numbers",
        kind="comparison",
        size="one edit",
        verdict=verdict if survivors else "none",
        survivors=survivors,
        right=int(right and survivors > 0),
        chosen_right=right and survivors > 0,
        first_right=right and survivors > 0,
        first_seconds=0.5 if survivors else None,
        tried=1_000,
        seconds=2.0,
    )
    return replace(found, **told)


ATTEMPTS = st.lists(
    st.builds(
        attempt,
        st.sampled_from(["agreed", "ambiguous"]),
        st.integers(0, 3),
        st.booleans(),
        kind=st.sampled_from(KINDS),
    ),
    min_size=1,
    max_size=12,
)


@given(ATTEMPTS)
def test_shares_are_of_all_and_false_fixes_of_the_accepted(attempts) -> None:
    found = figures(attempts)
    assert found.correct <= found.among <= found.plausible <= 1.0
    assert found.accepted <= found.plausible
    taken = [one for one in attempts if one.verdict == "agreed"]
    wrong = [one for one in taken if not one.chosen_right]
    assert found.wrong == len(wrong)
    assert found.false_fixes == (len(wrong) / len(taken) if taken else None)


def test_what_found_nothing_does_not_count_in_the_median() -> None:
    found = figures(
        [attempt(first_seconds=s) for s in (0.1, 0.3, 9.0)] + [attempt(survivors=0)]
    )
    assert found.first_seconds == 0.3
    assert figures([attempt(survivors=0)]).first_seconds is None
    assert found.candidates_a_second == 500.0


def test_a_wrong_repair_that_was_not_accepted_is_no_false_fix() -> None:
    assert not attempt("ambiguous", right=False).false_fix
    assert attempt(right=False).false_fix
    assert not attempt(survivors=0).accepted


@given(ATTEMPTS)
def test_every_attempt_stands_in_one_row_of_a_table(attempts) -> None:
    rows = table("kind", attempts, lambda one: one.kind).split("\n")[2:]
    counts = [int(row.split(" | ")[1]) for row in rows]
    assert sum(counts[:-1]) == counts[-1] == len(attempts)
    assert len(counts) == 1 + len(grouped(attempts, lambda one: one.kind))


@given(ATTEMPTS)
def test_what_was_not_repaired_and_what_was_wrongly_accepted_is_told(attempts) -> None:
    text = tables(attempts)
    never = sum(one.survivors == 0 for one in attempts)
    assert f"No survivor at all: {never} " in text
    assert f"Accepted although wrong: {sum(one.false_fix for one in attempts)}." in text


def test_figures_go_between_the_pages_marks_and_nothing_else_changes(tmp_path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- measured: search -->\nold\n<!-- end: search -->\nz\n")
    write_page(page, "search", "new")
    write_page(page, "search", "newer")
    assert page.read_text() == (
        "a\n<!-- measured: search -->\nnewer\n<!-- end: search -->\nz\n"
    )
    with pytest.raises(ValueError, match="measured: models"):
        write_page(page, "models", "new")
