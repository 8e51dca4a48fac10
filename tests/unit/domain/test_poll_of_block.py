"""A poll fits its block: the basis of each part, and the moment of a satisfaction review."""

from datetime import timedelta

from domain.engine.entry import GrantException
from domain.streams.block.stages.notice import PartBasis, SetConsentBasis
from domain.streams.poll.codes import code_list
from domain.streams.shared.consent import Basis, Majority
from domain.terms.role import Role
from tests.unit.domain.block.life import DATA, PASSED, in_acceptance, in_survey
from tests.unit.domain.participation import (
    COMMON,
    POLL,
    QUALIFIED,
    consent,
    home,
    satisfaction,
)
from tests.unit.domain.spec import BLOCK, PAPER, TEXT, Spec


def with_roof() -> Spec:
    """Return a block whose roofs are common parts that three quarters must agree to."""
    roof = PartBasis(part="roof", basis=Basis.COMMON_PARTS, majority=Majority.QUALIFIED)
    spec = in_survey().given(BLOCK, DATA, SetConsentBasis(parts=(roof,)))
    return home(home(spec, "h1"), "h2")


def test_a_part_is_voted_on_by_the_basis_that_its_block_has_set() -> None:
    spec = with_roof()
    spec.when(POLL, consent(roof=COMMON)).then_refused("poll.basis")
    spec.when(POLL, consent(roof=QUALIFIED)).then_events("poll_opened")


def test_a_part_without_a_basis_is_not_voted_on() -> None:
    with_roof().when(POLL, consent(stairs=COMMON)).then_refused("poll.basis")


def test_a_satisfaction_poll_waits_for_the_preliminary_acceptance() -> None:
    spec = home(home(in_acceptance(), "h1"), "h2")
    spec.when(POLL, satisfaction()).then_refused("review.opens")
    spec.given(BLOCK, PASSED)
    spec.when(POLL, satisfaction())
    assert spec.last is not None
    assert "review.opens" not in _rules(spec)


def test_an_exception_of_the_block_passes_the_opening_of_its_poll() -> None:
    spec = home(home(in_acceptance(), "h1"), "h2")
    grant = GrantException(
        rule="review.opens",
        reason=TEXT,
        document="柳浦〔2026〕3号",
        scan=PAPER,
        expires_at=spec.now + timedelta(days=9),
    )
    spec.given(BLOCK, grant, by=Role.OFFICE)
    spec.when(POLL, satisfaction(code_list(("c1", "c2"))))
    assert "review.opens" not in _rules(spec)


def _rules(spec: Spec) -> set[str]:
    refusal = spec.last.refusal if spec.last else None
    return {m.rule for m in refusal.missing} if refusal else set()
