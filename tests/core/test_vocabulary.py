import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract import bare
from core.errors import ConfigError, SpecError
from core.sampling import bounds
from core.vocabulary import StartingValue, base_vocabulary, load_vocabulary
from tests.core.spec_samples import DESK


def test_an_unknown_unit_is_refused_with_the_nearest_known_one():
    with pytest.raises(SpecError) as caught:
        DESK.unit("ratoi")
    assert caught.value.remedy == "did you mean 'ratio'?"
    assert caught.value.value == "ratoi"


def test_an_unknown_unit_that_resembles_none_shows_them_all():
    with pytest.raises(SpecError) as caught:
        DESK.unit("zzzzzzzz")
    assert "flag" in caught.value.remedy
    assert "seconds" in caught.value.remedy


@pytest.mark.parametrize("name", sorted(base_vocabulary().units))
def test_every_number_of_a_base_unit_has_a_finite_range(name):
    schema = bare(base_vocabulary().unit(name).schema)
    inner = schema.get("items", schema)
    if inner["type"] in ("number", "integer"):
        low, high = bounds(inner)
        assert -1e10 < low < high < 1e10


@given(st.integers(-10, 1000))
def test_a_family_matches_its_names_within_its_range_and_tells_the_warm_up(n):
    found = DESK.starting_value(f"ema_{n}")
    assert (found is not None) == (2 <= n <= 400)
    if found:
        assert (found.name, found.warm_up) == (f"ema_{n}", 3 * n)
        assert not found.is_family


@pytest.mark.parametrize("name", ["ema_", "ema_x", "ema_07", "emaa_7", "xema_7", ""])
def test_a_name_that_only_resembles_a_family_is_no_starting_value(name):
    assert DESK.starting_value(name) is None


def test_a_concrete_starting_value_wins_over_a_family():
    value = StartingValue("close", "price", "the last close")
    assert value.match("close") == value
    assert DESK.starting_value("close").description == "the last close"
    assert DESK.starting_value("closes") is None


def test_the_catalogue_shows_a_family_once():
    names = [value.name for value in DESK.starting.catalogue()]
    assert names == ["close", "ema_{n}"]


@pytest.mark.parametrize("dotted", ["no.such.module", "os; import x", "", "os", "a..b"])
def test_a_vocabulary_that_is_not_there_is_refused_with_a_remedy(dotted):
    with pytest.raises(ConfigError) as caught:
        load_vocabulary(dotted)
    assert caught.value.field == "vocabulary"
    assert "VOCABULARY" in caught.value.remedy


def test_a_vocabulary_is_loaded_by_its_dotted_name(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    lines = "from core.vocabulary import base_vocabulary as vocabulary\n"
    (tmp_path / "words_by_function.py").write_text(lines)
    (tmp_path / "words_by_name.py").write_text(f"{lines}VOCABULARY = vocabulary()\n")
    for name in ("words_by_function", "words_by_name"):
        assert load_vocabulary(name, chosen=name).name == "base"


@pytest.mark.parametrize("chosen", ["", "generated.evil.boom"])
@pytest.mark.parametrize("dotted", ["generated.evil.boom", "prompts.boom", "boom"])
def test_a_vocabulary_that_nobody_allowed_is_refused_before_it_runs(
    dotted, chosen, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(tmp_path)
    path = (tmp_path / dotted.replace(".", "/")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit(0)\n")
    with pytest.raises(ConfigError, match=dotted):
        load_vocabulary(dotted, chosen=chosen)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("words_exit", "raise SystemExit(0)", "SystemExit"),
        ("words_syntax", "def", "SyntaxError"),
        ("words_import", "from os import nothing_such", "ImportError"),
        ("words_name", "undefined", "NameError"),
        ("words_factory", "def vocabulary():\n    return 1 // 0", "ZeroDivision"),
    ],
)
def test_a_vocabulary_that_fails_while_it_loads_is_named(
    name, text, kind, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"{name}.py").write_text(f"{text}\n")
    with pytest.raises(ConfigError, match=f"'{name}'.*{kind}"):
        load_vocabulary(name, chosen=name)


def test_the_base_vocabulary_can_be_named():
    assert load_vocabulary("base").name == "base"
