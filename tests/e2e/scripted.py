"""What a scripted model answers in these tests: two plans, and bodies that fit them."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from tests.e2e.project import Project
from tests.model_endpoint import Ask, Fault, ModelEndpoint, Scripted

KEY = "sk-e2e-0123456789abcdefghij"
RULES = (
    "Buy when RSI 14 is below 45, the close is above SMA 20 times 0.98 and volume is "
    "above 0.8 times its 20-bar average. Stop loss 2 ATR."
)
EXAMPLES = "mid(2, 4) is 3, mid(10, 20) is 15, mid(0, 0) is 0, mid(7, 8) is 7.5"
POEM = "Write me a poem about the sea."
RULES_PLAN = {
    "specs": [
        {
            "name": "dip_entry",
            "role": "entry",
            "inputs": {
                "rsi_14": {"unit": "oscillator"},
                "close": {"unit": "price"},
                "sma_20": {"unit": "price"},
                "volume": {"unit": "volume"},
                "average_volume_20": {"unit": "volume"},
            },
            "outputs": {"enter_long": {"unit": "flag"}},
            "intent": "True when rsi_14 is below 45, close is above 0.98 times sma_20 "
            "and volume is above 0.8 times average_volume_20.",
            "examples": [
                {
                    "in": {
                        "rsi_14": 40,
                        "close": 100,
                        "sma_20": 100,
                        "volume": 9,
                        "average_volume_20": 10,
                    },
                    "out": {"enter_long": True},
                },
                {
                    "in": {
                        "rsi_14": 46,
                        "close": 100,
                        "sma_20": 100,
                        "volume": 9,
                        "average_volume_20": 10,
                    },
                    "out": {"enter_long": False},
                },
            ],
        },
        {
            "name": "atr_stop",
            "role": "stop",
            "inputs": {
                "close": {"unit": "price"},
                "atr_14": {"type": "number", "minimum": 0, "maximum": 10_000_000},
            },
            "outputs": {
                "long_stop_price": {
                    "type": "number",
                    "minimum": -20_000_000,
                    "maximum": 10_000_000,
                }
            },
            "intent": "close less 2 times atr_14.",
            "examples": [
                {"in": {"close": 100, "atr_14": 5}, "out": {"long_stop_price": 90}}
            ],
        },
    ],
    "not_understood": [],
}
NUMBER = {"type": "number", "minimum": -1000, "maximum": 1000}
EXAMPLES_PLAN = {
    "specs": [
        {
            "name": "mid",
            "role": "function",
            "inputs": {"a": NUMBER, "b": NUMBER},
            "outputs": {"middle": NUMBER},
            "intent": "The number halfway between a and b.",
            "examples": [
                {"in": {"a": 2, "b": 4}, "out": {"middle": 3}},
                {"in": {"a": 10, "b": 20}, "out": {"middle": 15}},
                {"in": {"a": 7, "b": 8}, "out": {"middle": 7.5}},
            ],
        }
    ],
    "not_understood": [],
}
NO_PLAN = {"specs": [], "not_understood": [POEM]}
PLANS = {RULES: RULES_PLAN, EXAMPLES: EXAMPLES_PLAN, POEM: NO_PLAN}
BODIES = {
    "dip_entry": "calm = rsi_14 < 45 and close > 0.98 * sma_20\n"
    "return {'enter_long': calm and volume > 0.8 * average_volume_20}",
    "atr_stop": "return {'long_stop_price': close - 2 * atr_14}",
    "mid": "return {'middle': (a + b) / 2}",
}


def marked(mark: str) -> dict[str, Any]:
    """The plans with intents of their own: no module made before is taken for them."""
    plans = deepcopy(PLANS)
    for plan in plans.values():
        for spec in plan["specs"]:
            spec["intent"] += f" For {mark}."
    return plans


def body(text: str) -> str:
    """A body in the form that models are asked for."""
    return json.dumps({"body": text})


def answered(
    plans: Mapping[str, Any] = PLANS, bodies: Mapping[str, str] = BODIES
) -> Callable[[Ask], Scripted]:
    """The plan of the request that stands in the prompt, or the body it asks for."""

    def script(ask: Ask) -> Scripted:
        for name, text in bodies.items():
            if f"Write the body of `{name}`" in ask.user:
                return body(text)
        for request, plan in plans.items():
            if request in ask.user:
                return plan if isinstance(plan, str) else json.dumps(plan)
        return Fault(400, f"nothing is scripted for: {ask.user[:200]}")

    return script


def through(kind: str, endpoint: ModelEndpoint, **more: str) -> dict[str, str]:
    """The environment that makes an endpoint architect and writer."""
    model = {
        "url": "url:local-7b",
        "openai": "openai:gpt-5",
        "anthropic": "anthropic:claude-sonnet-5",
    }[kind]
    return {
        "LLM_ARCHITECT": model,
        "LLM_WRITER": model,
        "LLM_API_URL": endpoint.openai_url,
        "LLM_API_KEY": KEY,
        "OPENAI_BASE_URL": endpoint.openai_url,
        "OPENAI_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": endpoint.anthropic_url,
        "ANTHROPIC_API_KEY": KEY,
        "LLM_PRICE_INPUT": "1",
        "LLM_PRICE_OUTPUT": "10",
        **more,
    }


def spent(project: Project) -> dict[str, float]:
    """What each request has cost, by its cycle's stack."""
    requests = project.data("budget")["requests"]
    return {each["cycle"]: float(each["spent"]) for each in requests}
