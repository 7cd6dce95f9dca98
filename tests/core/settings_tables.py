"""The tables of docs/configuration.md as the settings themselves would write them."""

from core.settings import SECRETS, Settings


def variables_table() -> str:
    """| variable | default | meaning |"""
    rows = [
        f"| `{name.upper()}` | {_shown(field.default)} | {_cell(field.description)} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def keys_table() -> str:
    """| key | for |"""
    rows = [f"| `{name}` | {_cell(what)} |" for name, what in SECRETS.items()]
    return "\n".join(["| key | meaning |", "|---|---|", *rows])


def _shown(default: object) -> str:
    text = "" if default is None else str(default)
    return f"`{text}`" if text not in ("", ".") else "—"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")
