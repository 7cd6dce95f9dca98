"""A stack's graph: true to the wiring, drawn without running through a module, up to date."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError, NotFound
from core.settings import load_settings
from core.stack.phases import PhasePlan
from tests.conftest import ROOT
from trading.shell.reporting.graph import Graph, Opened, drawn, opened, renewed, written
from trading.shell.reporting.graph.boxes import WIDTH, height
from trading.shell.reporting.graph.grid import COLUMNS, grid_of
from trading.shell.reporting.graph.lines import way
from trading.shell.reporting.graph.model import Edge, Node, says
from trading.shell.reporting.graph.sheet import PAGE, PLACES, laid

PAGE_FILE = ROOT / "docs" / "trading-stack.md"
DRAWING = ROOT / "docs" / "trading-stack.svg"
RENEW = "renew it: make docs"


@cache
def flagship() -> Opened:
    return opened(load_settings(ROOT), "trading")


def test_the_drawing_in_the_docs_is_of_this_stack() -> None:
    assert DRAWING.read_text(encoding="utf-8") == drawn(flagship().graph), RENEW


def test_the_tables_in_the_docs_are_of_this_stack() -> None:
    assert PAGE_FILE.read_text(encoding="utf-8") == renewed(PAGE_FILE, flagship()), (
        RENEW
    )


def test_every_module_and_every_name_it_reads_is_in_the_drawing() -> None:
    root = ElementTree.fromstring(drawn(flagship().graph))
    texts = {
        "".join(each.itertext()) for each in root.iter() if each.tag[-4:] == "text"
    }
    titles = {"".join(one.itertext()) for one in root.iter() if one.tag[-5:] == "title"}
    for node in flagship().graph.nodes:
        assert {node.name, *node.given, *node.parameters, *node.state} <= texts
    for edge in flagship().graph.edges:
        assert f"{edge.source} → {edge.target}: {', '.join(edge.names)}" in titles


def test_the_drawing_is_whole_in_itself() -> None:
    root = ElementTree.fromstring(drawn(flagship().graph))
    assert not [name for each in root.iter() for name in each.attrib if "href" in name]
    assert "url(" not in drawn(flagship().graph)


def test_the_edges_are_the_reads_of_the_specs() -> None:
    whole = flagship()
    made = {
        name: node.name
        for node in whole.graph.nodes
        for name in (*node.makes, *node.state)
    }
    group = {p.name: p.group for p in whole.graph.phases}
    phase = {node.name: group[node.phase] for node in whole.graph.nodes}
    own_state = {n.name: {f"previous_{s}" for s in n.state} for n in whole.graph.nodes}
    wanted = {
        (made[name], spec.name, name)
        for spec in whole.specs.values()
        for name in spec.contract.parameters
        if name in made
        and name not in own_state[spec.name]
        and phase[made[name]] == phase[spec.name]
    }
    found = {(e.source, e.target, n) for e in whole.graph.edges for n in e.names}
    assert found == wanted


def test_every_module_is_in_the_text_with_what_it_reads() -> None:
    text = written(flagship().graph)
    for node in flagship().graph.nodes:
        assert f"{node.place:>2} {node.name} [" in text
    for edge in flagship().graph.edges:
        assert f"← {edge.source}: {', '.join(edge.names)}" in text


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- begin modules -->\n<!-- end modules -->\n")
    with pytest.raises(ConfigError, match="begin parameters"):
        renewed(page, flagship())


def test_a_stack_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFound, match="nowhere"):
        opened(load_settings(ROOT), "nowhere")


def test_a_module_is_told_in_a_whole_sentence_and_a_second_where_one_says_little() -> (
    None
):
    long = "Prove equity to the cent (all that was put in; nothing less) from what was told"
    assert says(f"{long}. More.") == says(f"{long}; more.") == long
    assert says(f"Prove equity. {long}. More.") == f"Prove equity. {long}"


# -- any stack ------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to four phases of up to eighteen modules, each reading some that run before it."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    phases: list[PhasePlan] = []
    for at, size in enumerate(
        draw(st.lists(st.integers(1, 18), min_size=1, max_size=4))
    ):
        for _ in range(size):
            earlier = [node.name for node in nodes]
            nodes.append(draw(modules(f"m{len(nodes)}", f"p{at}", len(nodes) + 1)))
            read = (
                draw(st.sets(st.sampled_from(earlier), max_size=3)) if earlier else ()
            )
            edges += [Edge(one, nodes[-1].name, ("made",)) for one in sorted(read)]
        names = tuple(node.name for node in nodes[-size:])
        phases.append(PhasePlan(f"p{at}", roles=("gate",), modules=names))
    return Graph("any", tuple(phases), tuple(nodes), tuple(edges))


@st.composite
def modules(draw: st.DrawFn, name: str, phase: str, place: int) -> Node:
    given_ = tuple(f"close_{number}" for number in range(draw(st.integers(0, 9))))
    ends = draw(st.booleans())
    return Node(name, phase, "gate", place, "So", given_, (), (), (), ("made",), ends)


Box = tuple[float, float, float, float]


def boxes(graph: Graph) -> Iterator[tuple[str, Box]]:
    sheet = laid(graph)
    for node in graph.nodes:
        row, column = sheet.grid.cells[node.name]
        left, top = PLACES.middle(column) - WIDTH / 2, sheet.tops[row]
        yield node.name, (left, top, left + WIDTH, top + height(node))


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_no_two_modules_overlap_and_what_is_read_stands_above(graph: Graph) -> None:
    cells = grid_of(graph).cells
    assert len(set(cells.values())) == len(graph.nodes)
    assert all(0 <= column < COLUMNS for _, column in cells.values())
    for edge in graph.edges:
        assert cells[edge.source][0] < cells[edge.target][0]
    found = [box for _, box in boxes(graph)]
    assert all(box[0] > 0 and box[2] < PAGE for box in found)


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_every_line_ends_at_its_module_and_runs_through_none(graph: Graph) -> None:
    sheet, all_boxes = laid(graph), dict(boxes(graph))
    for net in sheet.routes.nets:
        for edge in net.edges:
            points = way(sheet, net, edge.target)
            left, top, right, _ = all_boxes[edge.target]
            assert left < points[-1][0] < right
            assert points[-1][1] == top
            for one, two in pairwise(points):
                assert one[0] == two[0] or one[1] == two[1]
                assert not any(crosses(one, two, box) for box in all_boxes.values())


def crosses(one: tuple[float, float], two: tuple[float, float], box: Box) -> bool:
    """Whether a straight piece runs through the inside of a box."""
    left, top, right, bottom = box
    low, high = min(one[0], two[0]), max(one[0], two[0])
    up, down = min(one[1], two[1]), max(one[1], two[1])
    return low < right and high > left and up < bottom and down > top


def test_the_page_links_every_spec() -> None:
    text = PAGE_FILE.read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(\.\./prompts/trading/(\w+)\.md\)", text))
    assert linked == set(flagship().specs)


def test_no_two_sources_share_a_stretch_of_line_in_the_docs() -> None:
    sheet = laid(flagship().graph)
    pieces = [
        (net.source, *sorted(piece))
        for net in sheet.routes.nets
        for edge in net.edges
        for piece in pairwise(way(sheet, net, edge.target))
    ]
    for source, one, two in pieces:
        for other, three, four in pieces:
            if source < other:
                assert not along(one, two, three, four), (source, other)


Point = tuple[float, float]


def along(one: Point, two: Point, three: Point, four: Point) -> bool:
    """Whether two straight pieces run on each other."""
    for flat, far in ((0, 1), (1, 0)):
        if len({point[flat] for point in (one, two, three, four)}) == 1:
            return max(one[far], three[far]) < min(two[far], four[far])
    return False
