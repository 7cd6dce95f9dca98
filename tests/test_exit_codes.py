"""Exit codes are a promise: the page and the errors say the same."""

import re
from pathlib import Path

from core import errors

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"


def test_every_error_has_its_exit_code_on_the_page() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE.read_text(), re.M)}
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.AszaError)}
    assert codes <= told
    assert told - codes == {0, 2, 130, 143}


def test_an_error_says_what_and_what_to_do_as_json() -> None:
    error = errors.DataError("no candles", field="path", value="x.csv", remedy="give")
    assert error.as_dict() == {
        "error": "DataError",
        "message": "no candles",
        "field": "path",
        "value": "'x.csv'",
        "where": "",
        "remedy": "give",
        "exit_code": 10,
    }
