"""`asza repair` as a person types it: any function, by its cases."""

import json
import stat
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.e2e.project import Project
from tests.e2e.scripted import KEY, through
from tests.model_endpoint import ModelEndpoint

SHOP = dedent(
    '''\
    """A shop, as somebody wrote it."""
    import json

    RATE = 3


    def clamp(value, low, high):
        """Keep value between low and high."""
        # the low side
        if value < low:
            return low
        if value < high:  # the high side
            return high
        return value


    def countdown(n):
        while n > 0:
            yield n
            n -= 2


    def put(items, item):
        items.insert(0, item)


    def fee(amount):
        if amount > 100:
            return amount * 2
        return 5


    def spoil(a):
        json.dumps = json.loads = None
        return a * RATE + 1


    def endless(n):
        total = 0
        while n > 0:
            total += n
            n += 1
        return total


    def hungry(n):
        data = [n]
        while n:
            data = data + data
        return n


    def deep(n):
        return n + deep(n - 1)


    def loud(n):
        print("hear me", n)
        return n - 1


    def strange(text):
        return text + "?"
    '''
)
CASES: dict[str, list[Any]] = {
    "clamp": [
        {"in": [5, 0, 10], "out": 5},
        {"in": [-1, 0, 10], "out": 0},
        {"in": {"value": 11, "low": 0, "high": 10}, "out": 10},
        {"in": [3, 3, 4], "out": 3},
    ],
    "countdown": [{"in": [3], "out": [3, 2, 1]}, {"in": [0], "out": []}],
    "put": [
        {"in": [[1, 2], 3], "after": {"items": [1, 2, 3]}},
        {"in": [[], 7], "after": {"items": [7]}},
        {"in": [[5, 9, 6], 8], "after": {"items": [5, 9, 6, 8]}},
    ],
    "fee": [{"in": [50], "out": 5}, {"in": [200], "out": 600}],
    "spoil": [{"in": [n], "out": n * 3} for n in (1, 4, 9)],
    "endless": [{"in": [n], "out": n * (n + 1) // 2} for n in (0, 1, 4, 6)],
    "hungry": [{"in": [0], "out": 0}, {"in": [5], "out": 5}, {"in": [2], "out": 2}],
    "deep": [{"in": [n], "out": n * (n + 1) // 2} for n in (0, 1, 4, 6)],
    "loud": [{"in": [n], "out": n + 1} for n in (1, 5, -5)],
    "strange": [
        {"in": ["ab"], "out": "BA-2-xyzzy"},
        {"in": ["cde"], "out": "EDC-3-plugh"},
    ],
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A person's file."""
    path = tmp_path / "shop.py"
    path.write_text(SHOP, encoding="utf-8")
    return path


def cases_for(shop: Path, name: str) -> Path:
    path = shop.with_name(f"{name}.json")
    path.write_text(json.dumps(CASES[name]))
    return path


def mended(
    project: Project, shop: Path, name: str, *more: str, code: int = 0, **env: str
) -> Any:
    """What `asza repair` answers a machine."""
    cases = cases_for(shop, name)
    target = f"{shop}::{name}"
    return project.data(
        "repair", target, "--cases", cases, "--budget", "100s", *more, code=code, **env
    )


def test_a_function_is_repaired_and_its_file_left_alone(project: Project, shop: Path):
    told = mended(project, shop, "clamp")
    assert told["verdict"] == "repaired"
    assert told["engine"] == "monty"
    assert len(told["failing"]) == 3
    assert told["tried"] > 0
    assert told["survivors"] > 0
    assert float(told["cost_usd"]) == 0
    assert "+    if value > high:  # the high side" in told["diff"]
    assert "not correctness" in told["note"]
    assert not told["written"]
    assert shop.read_text() == SHOP


def test_a_person_is_shown_the_change_the_engine_and_what_it_is_worth(
    project: Project, shop: Path
):
    ran = project.asza("repair", f"{shop}::clamp", "--cases", cases_for(shop, "clamp"))
    for word in (
        "repaired",
        "if value > high",
        "monty",
        "isolation",
        "not correctness",
    ):
        assert word in ran.out
    assert "as it was" in ran.out


def test_write_replaces_the_function_and_nothing_else(project: Project, shop: Path):
    shop.chmod(0o640)
    told = mended(project, shop, "clamp", "--write")
    assert told["written"]
    assert shop.read_text() == SHOP.replace("value < high:", "value > high:")
    assert stat.S_IMODE(shop.stat().st_mode) == 0o640
    again = mended(project, shop, "clamp", "--write")
    assert again["verdict"] == "nothing to repair"
    assert not again["written"]


def test_cases_come_from_stdin_too(project: Project, shop: Path):
    ran = project.asza(
        "repair",
        f"{shop}::clamp",
        "--cases",
        "-",
        "--json",
        typed=json.dumps(CASES["clamp"]),
    )
    assert json.loads(ran.out)["verdict"] == "repaired"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("countdown", "+        n -= 1"),
        ("spoil", "+    return a * RATE"),
    ],
)
def test_what_monty_cannot_run_is_repaired_in_cpython_behind_walls(
    project: Project, shop: Path, name: str, line: str
):
    told = mended(project, shop, name)
    assert told["verdict"] == "repaired"
    assert told["engine"] == "cpython"
    assert told["engine_why"]
    assert {"no environment", "resource limits", "audit hook"} <= {*told["isolation"]}
    assert line in told["diff"].splitlines()


@pytest.mark.parametrize("name", ["put", "endless", "deep", "loud"])
def test_changed_arguments_and_calls_that_never_end_are_no_hindrance(
    project: Project, shop: Path, name: str
):
    cases = cases_for(shop, name)
    target = f"{shop}::{name}"
    ran = project.python(
        "asza.py", "repair", target, "--cases", str(cases), "--budget", "100s", "--json"
    )
    told = json.loads(ran.out)  # one document: what a function prints is not in it
    assert told["verdict"] in ("repaired", "ambiguous"), told["why"]
    assert ran.code == (0 if told["verdict"] == "repaired" else 14)
    assert shop.read_text() == SHOP


def test_a_function_that_eats_memory_is_answered_about_when_the_time_is_up(
    project: Project, shop: Path
):
    cases = cases_for(shop, "hungry")
    target = f"{shop}::hungry"
    ran = project.python(
        "asza.py", "repair", target, "--cases", str(cases), "--budget", "4s", "--json"
    )
    told = json.loads(ran.out)
    assert ran.code in (0, 14, 15)
    assert told["seconds"] < 60
    assert "is stopped" in told["failing"][0]


def test_repairs_that_disagree_are_a_question_with_lines_to_paste(
    project: Project, shop: Path
):
    told = mended(project, shop, "fee", "--write", code=14)
    assert told["verdict"] == "ambiguous"
    assert not told["written"]
    assert shop.read_text() == SHOP
    question = told["questions"][0]
    assert len(question["answers"]) > 1
    line = json.loads(question["answers"][0]["case"])
    assert line["in"] not in ([50], [200])
    ran = project.asza(
        "repair", f"{shop}::fee", "--cases", cases_for(shop, "fee"), code=14
    )
    assert "one more example settles it" in ran.out
    assert question["answers"][0]["case"] in ran.out


def test_the_line_that_was_pasted_settles_it(project: Project, shop: Path):
    more = [{"in": [amount], "out": amount * 3} for amount in (101, 150, 333)]
    cases = shop.with_name("more.json")
    cases.write_text(json.dumps([*CASES["fee"], *more]))
    told = project.data("repair", f"{shop}::fee", "--cases", cases)
    assert told["verdict"] == "repaired"
    assert "+        return amount * 3" in told["diff"]


def test_what_is_not_found_is_said_and_nothing_is_changed(project: Project, shop: Path):
    cases = cases_for(shop, "strange")
    told = project.data(
        "repair", f"{shop}::strange", "--cases", cases, "--budget", "8000ms", code=15
    )
    assert told["verdict"] == "not repaired"
    assert told["tried"] > 0
    assert "--budget" in told["remedy"]
    assert shop.read_text() == SHOP


@pytest.mark.parametrize(
    ("target", "cases", "code", "says"),
    [
        ("shop.py::clam", CASES["clamp"], 13, "did you mean clamp?"),
        ("nowhere.py::f", CASES["clamp"], 13, "no file"),
        ("shop.py", CASES["clamp"], 4, "FILE.py::function"),
        ("shop.py::clamp", [], 10, "no list of cases"),
        ("shop.py::clamp", [{"in": [1], "out": 1}], 10, "low is missing"),
        (
            "shop.py::fee",
            [{"in": [1], "out": 1}, {"in": {"amount": 1}, "out": 2}],
            10,
            "cases[0] and cases[1] contradict",
        ),
    ],
)
def test_what_is_wrong_in_the_asking_is_refused_before_anything_runs(
    project: Project, shop: Path, target: str, cases: Any, code: int, says: str
):
    path = shop.with_name("wrong.json")
    path.write_text(json.dumps(cases))
    place = (
        str(shop.with_name(target.partition("::")[0]))
        + target[len(target.partition("::")[0]) :]
    )
    told = project.data("repair", place, "--cases", path, code=code)
    assert says in f"{told['message']} {told['remedy']}"


def test_a_budget_nobody_understands_is_refused(project: Project, shop: Path):
    told = project.data(
        "repair", f"{shop}::fee", "--cases", "x.json", "--budget", "soon", code=2
    )
    assert told["field"] == "--budget"


def test_a_function_that_needs_a_file_of_its_own_is_refused(
    project: Project, shop: Path
):
    shop.with_name("own.py").write_text("def f(a): return a\n")
    shop.write_text("import own\n\ndef g(a):\n    return own.f(a) + 1\n")
    cases = shop.with_name("g.json")
    cases.write_text('[{"in": [1], "out": 1}]')
    told = project.data("repair", f"{shop}::g", "--cases", cases, code=4)
    assert "own" in told["message"]
    assert "same file" in told["remedy"]


def test_a_function_cannot_reach_out_while_it_is_repaired(project: Project, shop: Path):
    mark = shop.with_name("mark")
    shop.write_text(
        f"import os, socket\n\ndef f(a):\n    os.system('touch {mark}')\n"
        f"    open('{mark}', 'w')\n    socket.socket()\n    return a - 1\n"
    )
    cases = shop.with_name("f.json")
    cases.write_text('[{"in": [1], "out": 2}, {"in": [5], "out": 6}]')
    project.python(
        "asza.py", "repair", f"{shop}::f", "--cases", str(cases), "--budget", "5s"
    )
    assert not mark.exists()


WANTED = (
    "def strange(text):\n    ends = ['', '', 'xyzzy', 'plugh']\n"
    "    return text[::-1].upper() + '-' + str(len(text)) + '-' + ends[len(text)]"
)


def test_a_model_is_asked_last_and_what_it_costs_is_shown(project: Project, shop: Path):
    answers = [json.dumps({"function": "def strange(text):\n    return text"})]
    answers.append(json.dumps({"function": WANTED}))
    with ModelEndpoint(answers) as endpoint:
        env = through("url", endpoint)
        told = mended(project, shop, "strange", "--model", "--budget", "30s", **env)
    assert told["verdict"] == "repaired"
    assert told["rung"] == "model"
    assert float(told["cost_usd"]) > 0
    first, second = endpoint.asked
    assert "BA-2-xyzzy" in first.user
    assert "refused" in second.user
    assert KEY not in json.dumps(told)


def test_a_table_of_the_answers_is_refused(project: Project, shop: Path):
    table = "def strange(text):\n    return {'ab': 'BA-2-xyzzy', 'cde': 'EDC-3-plugh'}[text]"
    with ModelEndpoint([json.dumps({"function": table})] * 2) as endpoint:
        env = through("url", endpoint)
        more = ("--model", "--budget", "30s")
        told = mended(project, shop, "strange", *more, code=15, **env)
    assert "remembers" in " ".join(told["notes"])


def test_no_money_is_spent_where_searching_is_enough(project: Project, shop: Path):
    with ModelEndpoint([]) as endpoint:
        told = mended(project, shop, "clamp", "--model", **through("url", endpoint))
        assert endpoint.asked == []
    assert told["verdict"] == "repaired"


def test_model_without_a_model_says_what_to_set(project: Project, shop: Path):
    told = mended(project, shop, "clamp", "--model", code=3)
    assert told["field"] == "LLM_WRITER"
