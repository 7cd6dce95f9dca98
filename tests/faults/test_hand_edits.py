"""What a person changes by hand is theirs: shown before it is overwritten, never lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.store import Modules, Store
from tests.faults.conftest import PRODUCT, SUM, Asza, check_whole

Refused = Callable[..., dict[str, Any]]
BROKEN = "def f(:\n    this is not Python\n"


@pytest.fixture
def sums(asza: Asza, store: Store) -> Path:
    """A stack of one module; its file."""
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    return store.settings.root / "generated" / "sums" / "f.py"


def spec_of(module: Path) -> Path:
    return module.parents[2] / "prompts" / "sums" / "f.md"


def edit(path: Path) -> str:
    text = path.read_text().replace("return", "# mine\n    return", 1)
    path.write_text(text)
    return text


@pytest.mark.parametrize(
    "command",
    [
        ("build", "sums.f", "--fresh"),
        ("build", "sums", "--fresh"),
        ("build", "sums"),
        ("rollback", "sums.f", "1"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("broken", [False, True], ids=["edited", "broken"])
def test_an_edited_file_is_kept_and_the_diff_shown(
    asza: Asza, sums: Path, store: Store, command: tuple[str, ...], broken: bool
) -> None:
    mine = BROKEN if broken else edit(sums)
    sums.write_text(mine)
    done = asza(*command).refused(12, "--force", "sums/f.py")
    assert "+++ generated/sums/f.py (to be written)" in done.err
    assert ("-def f(:" if broken else "-    # mine") in done.err
    error = asza(*command, "--json").refused(12).json
    assert "+++ generated/sums/f.py" in error["value"]
    assert sums.read_text() == mine
    check_whole(store, "sums.f")
    asza(*command, "--force").went()
    assert sums.read_text() != mine
    check_whole(store)


def test_asking_again_does_not_overwrite_an_edit(
    asza: Asza, sums: Path, store: Store
) -> None:
    mine = edit(sums)
    asza("ask", SUM, "--stack", "sums", "--no-run").refused(12, "--force")
    assert sums.read_text() == mine
    asza("ask", SUM, "--stack", "sums", "--no-run", "--force").went()
    check_whole(store)


def test_another_request_does_not_take_a_stack_over(
    asza: Asza, sums: Path, store: Store
) -> None:
    before = sums.read_text()
    asza("ask", PRODUCT, "--stack", "sums", "--no-run").refused(5, "--stack")
    assert sums.read_text() == before
    check_whole(store)
    asza("ask", PRODUCT, "--stack", "sums", "--no-run", "--force").went()
    check_whole(store)


def test_an_edit_is_listed_and_runs_without_the_certificate_of_another(
    asza: Asza, sums: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASZA_WICK", "off")
    edit(sums)
    (listed,) = asza("list", "--json").went().json
    assert (listed["state"], listed["certified"]) == ("edited", False)
    done = asza("run", "sums", "--in", '{"a": 2, "b": 3}', "--json").went().json
    assert done["calls"][0]["outputs"] == {"result": 5}


def test_a_broken_file_stops_only_its_own_stack(asza: Asza, sums: Path) -> None:
    asza("ask", PRODUCT, "--stack", "products", "--no-run").went()
    sums.write_text(BROKEN)
    asza("run", "sums").refused(5, "f.py", "--fresh --force")
    asza("list").went()
    asza("run", "products").went()


def test_a_deleted_file_is_written_again(asza: Asza, sums: Path, store: Store) -> None:
    before = sums.read_text()
    sums.unlink()
    asza("list").went()
    asza("run", "sums").refused(5, "asza build sums")
    asza("build", "sums").went()
    assert "a + b" in before
    assert "a + b" in sums.read_text()
    check_whole(store)


def test_a_deleted_file_comes_back_with_a_rollback(
    asza: Asza, sums: Path, store: Store
) -> None:
    before = sums.read_text()
    sums.unlink()
    asza("rollback", "sums.f", "1").went()
    assert sums.read_text() == before
    check_whole(store)


def test_an_edited_spec_makes_a_new_version(
    asza: Asza, sums: Path, store: Store
) -> None:
    spec = spec_of(sums)
    spec.write_text(spec.read_text().replace("Give the", "Return the"))
    asza("build", "sums").went()
    live = Modules(store).live("sums.f")
    assert live is not None
    assert live.version == 2
    assert "Return the" in live.spec_text
    check_whole(store)
    asza("build", "sums").went()
    assert len(Modules(store).history("sums.f")) == 2
    asza("rollback", "sums.f", "1").went()
    assert "Give the" in spec.read_text()
    check_whole(store)


def test_a_spec_that_contradicts_itself_leaves_the_version_before(
    asza: Asza, sums: Path, store: Store
) -> None:
    before = sums.read_text()
    spec = spec_of(sums)
    spec.write_text(
        spec.read_text().replace("examples:", "invariants: [result < 0]\nexamples:")
    )
    asza("build", "sums").refused(5, "result < 0")
    assert sums.read_text() == before
    check_whole(store)
    spec.write_text(spec.read_text().replace("invariants: [result < 0]\n", ""))
    asza("build", "sums").went()
    check_whole(store)


def test_a_spec_without_its_module_is_built(
    asza: Asza, sums: Path, store: Store
) -> None:
    other = spec_of(sums).with_name("g.md")
    text = spec_of(sums).read_text()
    other.write_text(text.replace("name: f", "name: g").replace("result", "other"))
    asza("build", "sums.g").went()
    check_whole(store)
    other.unlink()
    asza("list").went()
    asza("build", "sums").went()
    asza("run", "sums").went()


def test_line_ends_and_a_byte_order_mark_are_an_edit_like_any_other(
    asza: Asza, sums: Path, store: Store
) -> None:
    ours = sums.read_bytes()
    for theirs in (ours.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + ours, b"\xff\xfe"):
        sums.write_bytes(theirs)
        asza("build", "sums", "--fresh").refused(12)
        assert sums.read_bytes() == theirs
        asza("list").went()
    asza("build", "sums", "--fresh", "--force").went()
    check_whole(store)
