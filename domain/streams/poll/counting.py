"""Counting: from the sums of the ballots to a poll's result, in exact integers.

The sums come from the ballots' tallies (`domain.streams.ballot.decide.tally`), whose keys are
written and read with the functions below: `answered`, `form:<form>`; consent
`<part>:<choice>:<unit>`; needs `need:<kind>` and `first:<kind>`; satisfaction
`<question>:<step>`, `aware:yes` and `aware:no`.
"""

from collections.abc import Mapping

from domain.streams.poll.state import (
    RATED,
    Choice,
    Form,
    PartLine,
    PartResult,
    PollState,
    Purpose,
    Result,
    Step,
)
from domain.streams.shared.consent import Basis, Weight, passed, percent, quorate
from domain.terms.question import Question

Sums = Mapping[str, int]

ANSWERED = "answered"
WITHDRAWN = "withdrawn"
HOUSEHOLDS, OWNERS, AREA = "households", "owners", "area"
SATISFIED = (Step.SATISFIED, Step.VERY_SATISFIED)


def form_key(form: Form) -> str:
    return f"form:{form}"


def part_key(part: str, choice: Choice, unit: str) -> str:
    return f"{part}:{choice}:{unit}"


def need_key(kind: str) -> str:
    return f"need:{kind}"


def first_key(kind: str) -> str:
    return f"first:{kind}"


def step_key(question: str, step: Step) -> str:
    return f"{question}:{step}"


def aware_key(aware: bool) -> str:
    return "aware:yes" if aware else "aware:no"


def count(poll: PollState, sums: Sums) -> Result:
    """Return what a poll came to with these sums over its ballots."""
    answered = sums.get(ANSWERED, 0)
    forms = {form: sums.get(form_key(form), 0) for form in Form}
    result = Result(
        asked=poll.asked,
        answered=answered,
        turnout=percent(answered, poll.asked),
        forms={f: n for f, n in forms.items() if n},
    )
    match poll.purpose:
        case Purpose.CONSENT:
            parts = {name: count_part(name, part, sums) for name, part in poll.parts.items()}
            return result.model_copy(update={"parts": parts})
        case Purpose.NEEDS:
            return result.model_copy(update=count_needs(poll.options, sums))
        case Purpose.SATISFACTION:
            return result.model_copy(update=count_satisfaction(sums))


def count_part(name: str, part: PartLine, sums: Sums) -> PartResult:
    """Count one part of a consent poll as its basis asks; an abstention takes part."""
    by_choice = {choice: _weight(name, part.basis, choice, sums) for choice in Choice}
    took_part = Weight(
        heads=sum(w.heads for w in by_choice.values()),
        area=sum(w.area for w in by_choice.values()),
    )
    yes = by_choice[Choice.YES]
    return PartResult(
        took_part=took_part,
        yes=yes,
        no=by_choice[Choice.NO],
        quorate=quorate(part.measure, took_part, part.entitled),
        passed=passed(part.measure, yes, took_part, part.entitled),
    )


def _weight(name: str, basis: Basis, choice: Choice, sums: Sums) -> Weight:
    unit = OWNERS if basis is Basis.COMMON_PARTS else HOUSEHOLDS
    return Weight(
        heads=sums.get(part_key(name, choice, unit), 0),
        area=sums.get(part_key(name, choice, AREA), 0),
    )


def count_needs(options: tuple[str, ...], sums: Sums) -> dict[str, object]:
    """Rank the work kinds by votes, then by how often they were named first, then as offered."""
    votes = {o: sums.get(need_key(o), 0) for o in options}
    first = {o: sums.get(first_key(o), 0) for o in options}
    order = sorted(options, key=lambda o: (-votes[o], -first[o], options.index(o)))
    return {"ranking": votes, "order": tuple(order), "first": first}


def count_satisfaction(sums: Sums) -> dict[str, object]:
    """Count the answers by question and step, and awareness apart from them."""
    steps = {q: tuple(sums.get(step_key(q, s), 0) for s in Step) for q in RATED}
    content = {q: sum(sums.get(step_key(q, s), 0) for s in SATISFIED) for q in RATED}
    aware, unaware = sums.get(aware_key(True), 0), sums.get(aware_key(False), 0)
    return {
        "steps": steps,
        "rates": {q: percent(content[q], sum(steps[q])) for q in RATED},
        "aware": aware,
        "unaware": unaware,
        "awareness": percent(aware, aware + unaware),
    }


def questions(result: Result) -> dict[str, int]:
    """Return the satisfaction share of each of the four questions."""
    return {str(q): result.rates[q] for q in Question if q in result.rates}
