"""What an action is at a terminal: what is typed."""

from domain.terms.said import Said
from interfaces.cli.language import say

TYPED = {
    "again": "--id {id}",
    "again_and_status": "--id {id}，siwen status",
    "calendars": "siwen calendar show，siwen calendar enter，confirm_deadline",
    "doctor": "siwen doctor",
    "document": "--document",
    "enter_calendar": "siwen calendar enter {year} {programme} --document …",
    "enter_days": "siwen calendar enter {year} --document … --off 01-01 --off 10-01..10-07 "
    "--worked 10-10",
    "everyone": "--everyone",
    "history_only": "siwen history {stream} --only",
    "ledger": "--ledger {ledgers}",
    "list_blocks": "siwen block list",
    "migrate": "siwen migrate --ledger {ledger}",
    "out": "--out",
    "policy": "--policy",
    "recover": "siwen recover",
    "start": "siwen up，siwen rehearse，--ledger",
    "status": "siwen status",
    "sweep": "siwen vault sweep",
    "verify": "siwen audit verify",
    "verify_with_bundle": "siwen audit verify … --receipt …",
    "work": "siwen up，siwen worker",
}
"""By action, with its facts in braces; several are set apart by a full-width comma."""


def typed(action: Said | None) -> str:
    """Return what is typed for an action, in brackets; nothing where there is none."""
    if action is None:
        return ""
    text = TYPED[action.code].format(**action.facts)
    return say(f"（{text}）", f" ({text.replace('，', ', ')})")
