"""Kraken's class of ccxt: loaded alone, and the same class that all of ccxt has."""

import json
import subprocess
import sys
from typing import Any

import pytest


def told_by(code: str) -> Any:
    """What a process of its own prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_no_other_exchange_is_loaded_and_the_package_counts_as_not_imported() -> None:
    loaded = told_by(
        "import json, sys; from trading.shell.exchanges import kraken; kraken();"
        "print(json.dumps([m for m in sys.modules if m.split('.')[0] == 'ccxt']))"
    )
    own = {m.partition(".")[2] for m in loaded}
    assert "" not in own
    assert "kraken" in own
    assert {m for m in own if "." not in m} == {"abstract", "base", "kraken"}


@pytest.mark.parametrize("first", ["import ccxt; made = kraken()", "made = kraken()"])
def test_whoever_imports_ccxt_gets_all_of_it_and_the_same_class(first: str) -> None:
    same = told_by(
        f"import json; from trading.shell.exchanges import kraken; {first};"
        "import ccxt; print(json.dumps([ccxt.kraken is made.client,"
        "ccxt.BaseError is made.errors.BaseError, hasattr(ccxt, 'binance'),"
        "hasattr(ccxt, '__version__'), kraken() is made]))"
    )
    assert same == [True] * 5
