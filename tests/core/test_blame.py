"""Blame: each line of a body belongs to the version that wrote it as it stands."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.blame import Changed, ancestry, blamed, changed
from core.store import VersionRow
from tests.core.store.test_modules import ROW

BODIES = st.lists(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=6), min_size=1, max_size=6
)


def line_of_descent(*bodies: str) -> dict[int, VersionRow]:
    return {
        n: replace(ROW, version=n, body=body, parent=n - 1 or None)
        for n, body in enumerate(bodies, 1)
    }


def test_a_line_belongs_to_the_version_that_wrote_it() -> None:
    rows = line_of_descent("a\nb\nc\n", "a\nB\nc\n", "a\nB\nx\nc\n")
    told = [(line.version, line.text) for line in blamed(rows, 3)]
    assert told == [(1, "a"), (2, "B"), (3, "x"), (1, "c")]
    assert [line.version for line in blamed(rows, 2)] == [1, 2, 1]


def test_a_version_made_from_an_older_one_owes_nothing_to_those_between() -> None:
    rows = line_of_descent("a\nb\n", "a\nx\n")
    rows[3] = replace(ROW, version=3, body="a\nb\ny\n", parent=1)
    assert [line.version for line in blamed(rows, 3)] == [1, 1, 3]
    assert [row.version for row in ancestry(rows, 3)] == [1, 3]


def test_what_a_version_changed_is_counted_against_its_parent() -> None:
    rows = line_of_descent("a\nb\nc\n", "a\nB\n")
    assert changed(rows, rows[1]) == Changed(3, 0)
    assert changed(rows, rows[2]) == Changed(1, 2)


@given(BODIES)
def test_the_blamed_lines_are_the_body_and_each_was_in_its_version(
    bodies: list[list[str]],
) -> None:
    rows = line_of_descent(*("\n".join(body) + "\n" for body in bodies))
    lines = blamed(rows, len(bodies))
    assert [line.text for line in lines] == bodies[-1]
    assert all(line.text in bodies[line.version - 1] for line in lines)
    written = [line for line in lines if line.version == len(bodies)]
    assert len(written) == changed(rows, rows[len(bodies)]).added
