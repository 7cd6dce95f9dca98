"""Redaction: what is secret goes, what is not stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.redact import HIDDEN, SHORTEST, redact, redact_value

SECRET = st.text(
    st.characters(codec="ascii", categories=["L", "N"]), min_size=16, max_size=40
)
KRAKEN = "Ab12Cd34/x+YzQwErTy5678UiOpAsDfGhJkLzXcVbNm90" * 2
PROSE = st.text(st.characters(codec="ascii", categories=["L", "Z"]), max_size=200)


@given(PROSE, SECRET, PROSE)
def test_a_known_secret_never_comes_out(before: str, secret: str, after: str) -> None:
    assert secret not in redact(f"{before}{secret}{after}{secret}", [secret])


@given(st.lists(SECRET, min_size=2, max_size=4), PROSE)
def test_one_secret_inside_another_hides_both(secrets: list[str], text: str) -> None:
    nested = [*secrets, "".join(secrets)]
    out = redact(f"{text}{nested[-1]} {nested[0]}", nested)
    assert not any(secret in out for secret in nested)


@given(st.text(max_size=300), st.lists(SECRET, max_size=2))
def test_redacting_twice_changes_nothing_more(text: str, secrets: list[str]) -> None:
    once = redact(text, secrets)
    assert redact(once, secrets) == once


@given(PROSE)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "key sk-proj-Ab12Cd34Ef56Gh78 end",
        "sk-ant-api03-Ab12Cd34Ef56Gh78Ij90",
        "Authorization: Bearer abc.def.ghijklmnop",
        'headers = {"x-api-key": "0123456789abcdef"}',
        "OPENAI_API_KEY=0123456789abcdef",
        "KRAKEN_API_SECRET: '0123456789abcdef'",
        "postgresql://me:0123456789abcdef@127.0.0.1/db",
        "password = 0123456789abcdef",
        "AKIA0123456789ABCDEF",
        "1234567890:AAabcdefghijklmnopqrstuvwxyz0123456",
        "A" * 86 + "==",
        "gsk_Ab12Cd34Ef56Gh78Ij90Kl12",
        "hf_Ab12Cd34Ef56Gh78Ij90Kl12",
        "xai-Ab12Cd34Ef56Gh78Ij90Kl12",
        "AIzaAb12Cd34Ef56Gh78Ij90Kl12Mn34Op56Qr7",
        "key=" + KRAKEN[:56],
        f"the key {KRAKEN[:56]}.",
        f"secret {KRAKEN[:88]}",
        f"secret {KRAKEN[:87]}=",
        "-----BEGIN RSA PRIVATE KEY-----\nAb12Cd34\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\\nAb12Cd34 and cut off",
    ],
)
def test_what_is_shaped_like_a_key_is_hidden(text: str) -> None:
    out = redact(text)
    assert HIDDEN in out
    assert "0123456789" not in out
    assert "Ab12Cd34" not in out


@pytest.mark.parametrize(
    "text",
    [
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "max_output_tokens: 2000, input_tokens=1500000",
        'return {"leverage": min(max_leverage, 1 + confidence)}',
        "host=/tmp/asza/postgres user=postgres dbname=postgres",
        "at 2025-01-01T00:00:00+00:00 http://127.0.0.1:8080/v1",
        "the task-force asks-why-not",
        f"sha224 {'0123456789abcdef' * 4:.56}",
        f"SHA224 {'0123456789ABCDEF' * 4:.56}",
        f"{'0f1e2d3c' * 11}",
        "/work/main/generated/dips/modules/v1/v2/longEntryABCDEFG",
        "w" * 56,
        "the hf_hub and gsk_ and AIza are names; xai-grok is a model",
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_what_only_looks_odd_stays(text: str) -> None:
    assert redact(text) == text


def test_a_short_value_is_not_hunted() -> None:
    assert (
        redact("a word in a text", ["w" * (SHORTEST - 1), "a", ""])
        == "a word in a text"
    )


def test_a_value_is_cleaned_all_through() -> None:
    secret = "correct-horse-battery"
    value = {
        "api_key": "abc",
        "text": [f"x {secret} y", {"deep": (secret, 1, None, 2.5, True)}],
        "max_tokens": 5,
    }
    assert redact_value(value, [secret]) == {
        "api_key": HIDDEN,
        "text": [f"x {HIDDEN} y", {"deep": [HIDDEN, 1, None, 2.5, True]}],
        "max_tokens": 5,
    }
