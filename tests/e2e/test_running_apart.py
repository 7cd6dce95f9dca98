"""What a process with a key built is run by a process that never had one."""

from typing import Any

import pytest

from tests.e2e.project import Project

KEY = "sk-" + "a" * 40
REQUEST = "Buy when RSI 14 crosses above 30. Sell when RSI 14 is above 70."


@pytest.fixture
def keyed() -> dict[str, Any]:
    return {
        "OPENAI_API_KEY": KEY,
        "LLM_ARCHITECT": "offline",
        "LLM_WRITER": "offline",
    }


def test_the_whole_job_is_done_with_a_key_at_hand(project: Project, keyed):
    told = project.data("ask", REQUEST, "--stack", "apart", **keyed)
    assert told["run"]["kind"] == "walk"
    assert told["run"]["totals"]["decisions"] > 0


def test_the_other_process_s_error_is_ours(project: Project, keyed):
    project.data("ask", REQUEST, "--stack", "apart", "--no-run", **keyed)
    given = ("--in", '{"rsi": 3}')
    told = project.data("ask", REQUEST, "--stack", "apart", *given, code=10, **keyed)
    assert "rsi" in told["message"]
    assert KEY not in str(told)
