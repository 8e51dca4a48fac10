"""Each flag, on the entries that raise it and on those that nearly do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.engine.entry import (
    BreachClosed,
    Breached,
    Corrected,
    ExceptionUsed,
    StageEntered,
    Voided,
)
from domain.engine.message import Entry, Event, Source
from domain.flag import FLAGS, LOOKED_AT, Case, Found, raised
from domain.profile import Profile
from domain.streams.contract.payment import PaymentApproved, PaymentAsked, PaymentMade
from domain.streams.contract.price import (
    ContractSigned,
    ContractVariationAsked,
    ContractVariationDecided,
)
from domain.streams.contract.state import ContractKind
from domain.terms.role import SYSTEM, Role, Via
from domain.terms.stream import StreamName
from tests.unit.domain.spec import TEXT
from words.catalogue import said

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai."""
BLOCK = StreamName("liupu-2026/linhe")
NOTICE = StreamName(f"{BLOCK}/notice/1")
CONTRACT = StreamName("liupu-2026/contract/1")


class Streams:
    """Entries by stream, each recorded some hours after the start."""

    def __init__(self) -> None:
        self.entries: dict[StreamName, list[Entry]] = {}

    def add(self, stream: str, hours: float, event: Event, **given: Any) -> "Streams":
        of = self.entries.setdefault(StreamName(stream), [])
        recorded = START + timedelta(hours=hours)
        values: dict[str, Any] = {"occurred_at": recorded, **given}
        of.append(
            Entry(
                stream=StreamName(stream),
                version=len(of) + 1,
                id=f"{stream}@{len(of) + 1}",
                recorded_at=recorded,
                actor=SYSTEM,
                via=Via.SYSTEM,
                event=event,
                **values,
            )
        )
        return self

    def raised(self, flag: str, **profile: Any) -> list[Found]:
        case = Case(self.entries, "Asia/Shanghai", lambda at: Profile(**profile))
        return [found for one, found in raised(case) if one.id == flag]


def places(found: list[Found]) -> list[list[str]]:
    return [[f"{s}@{v}" for s, v in one.places] for one in found]


def signed(amount: int, contractor: str = "甲", kind: str = "works") -> ContractSigned:
    return ContractSigned(
        kind=ContractKind(kind),
        contractor=contractor,
        zone="Asia/Shanghai",
        amount=amount,
        blocks=("linhe",),
        document="1",
        retention=0,
        liability_months=0,
    )


def entered(stage: str, by: str = "x") -> StageEntered:
    return StageEntered(stage=stage, by_decision=by)


def breached(rule: str = "payment.unapproved") -> Breached:
    return Breached(rule=rule, code="filing.late", owed_by=Role.OFFICE)


def test_every_flag_has_an_id_and_says_what_it_means_in_both_languages() -> None:
    assert len({f.id for f in FLAGS}) == len(FLAGS) == 8
    for flag in FLAGS:
        assert all((flag.title.zh, flag.title.en, flag.means.zh, flag.means.en))
    assert all(issubclass(e, Event) for e in LOOKED_AT)


def test_an_entry_with_a_date_of_its_own_is_late() -> None:
    streams = Streams().add(BLOCK, 0, entered("survey"))
    streams.add(BLOCK, 240, entered("notice"), occurred_at=START, source=Source.PAPER, reason=TEXT)
    (found,) = streams.raised("late")
    assert places([found]) == [[f"{BLOCK}@2"]]
    assert said(found.what, "zh") == "晚 10 天记录"


def test_a_lapse_that_an_outage_delayed_is_not_late() -> None:
    streams = Streams().add(BLOCK, 240, entered("notice"), occurred_at=START)
    assert streams.raised("late") == []


def test_an_exception_is_named_with_its_grant_on_whatever_stream() -> None:
    used = ExceptionUsed(rule="bid.notice", exception=4, command="x")
    above = ExceptionUsed(rule="bid.notice", exception=4, granted_on=BLOCK, command="x")
    streams = Streams().add(BLOCK, 0, used).add(NOTICE, 1, above)
    assert places(streams.raised("exception")) == [
        [f"{BLOCK}@4", f"{BLOCK}@1"],
        [f"{BLOCK}@4", f"{NOTICE}@1"],
    ]
    assert {f.rule for f in streams.raised("exception")} == {"bid.notice"}


def test_a_breach_says_whether_it_was_made_good() -> None:
    streams = Streams().add(BLOCK, 0, breached()).add(BLOCK, 1, breached())
    streams.add(BLOCK, 2, BreachClosed(breach=1, remedy=TEXT))
    found = streams.raised("breach")
    assert places(found) == [[f"{BLOCK}@1", f"{BLOCK}@3"], [f"{BLOCK}@2"]]
    assert [said(f.what, "en") for f in found] == ["made good", "still open"]


@pytest.mark.parametrize(
    "amendment",
    [Corrected(entry=1, data={}, reason=TEXT), Voided(entry=1, reason=TEXT)],
    ids=["corrected", "voided"],
)
def test_an_entry_amended_after_its_stage_was_left_is_flagged(amendment: Event) -> None:
    before = Streams().add(BLOCK, 0, breached()).add(BLOCK, 1, amendment)
    before.add(BLOCK, 2, entered("notice"))
    after = Streams().add(BLOCK, 0, breached()).add(BLOCK, 1, entered("notice"))
    after.add(BLOCK, 2, amendment)
    assert before.raised("amended_after_gate") == []
    assert places(after.raised("amended_after_gate")) == [
        [f"{BLOCK}@1", f"{BLOCK}@2", f"{BLOCK}@3"]
    ]


def test_what_a_notice_said_rests_in_its_blocks_stage() -> None:
    streams = Streams().add(NOTICE, 0, breached()).add(BLOCK, 1, entered("consultation"))
    streams.add(NOTICE, 2, Corrected(entry=1, data={}, reason=TEXT))
    assert places(streams.raised("amended_after_gate")) == [
        [f"{NOTICE}@1", f"{BLOCK}@1", f"{NOTICE}@2"]
    ]


def test_the_stage_that_an_entry_opened_itself_is_no_gate_behind_it() -> None:
    streams = Streams().add(BLOCK, 0, breached(), command_id="c1")
    streams.add(BLOCK, 0, entered("notice"), command_id="c1")
    streams.add(BLOCK, 1, Corrected(entry=1, data={}, reason=TEXT))
    assert streams.raised("amended_after_gate") == []


@pytest.mark.parametrize(("hours", "flagged"), [(3, True), (14, True), (15, False), (30, False)])
def test_an_approval_on_the_day_of_asking_in_the_programmes_zone(hours: int, flagged: bool) -> None:
    streams = Streams().add(CONTRACT, 0, signed(1000))
    streams.add(CONTRACT, 0, PaymentAsked(payment="p1", amount=10))
    streams.add(CONTRACT, hours, PaymentApproved(payment="p1"))
    assert bool(streams.raised("same_day")) is flagged


def test_a_variation_approved_at_once_is_flagged_and_one_refused_is_not() -> None:
    def asked(number: str) -> ContractVariationAsked:
        return ContractVariationAsked(variation=number, amount=5, reason=TEXT)

    streams = Streams().add(CONTRACT, 0, signed(1000))
    streams.add(CONTRACT, 1, asked("v1")).add(CONTRACT, 1, asked("v2"))
    streams.add(CONTRACT, 2, ContractVariationDecided(variation="v1", approved=True))
    streams.add(CONTRACT, 2, ContractVariationDecided(variation="v2", approved=False))
    assert places(streams.raised("same_day")) == [[f"{CONTRACT}@2", f"{CONTRACT}@4"]]


def test_a_withdrawn_approval_raises_nothing() -> None:
    streams = Streams().add(CONTRACT, 0, signed(1000))
    streams.add(CONTRACT, 1, PaymentAsked(payment="p1", amount=10))
    streams.add(CONTRACT, 2, PaymentApproved(payment="p1"))
    streams.add(CONTRACT, 3, Voided(entry=3, reason=TEXT))
    assert streams.raised("same_day") == []


YUAN = 100
UNDER = 3_900_000 * YUAN
"""Just under the four million from which on works are tendered."""


def contracts(*amounts: int, contractor: str = "甲", kind: str = "works", days: int = 1) -> Streams:
    streams = Streams()
    for number, amount in enumerate(amounts):
        stream = f"liupu-2026/contract/{number + 1}"
        streams.add(stream, number * days * 24, signed(amount, contractor, kind))
    return streams


def test_contracts_just_under_the_limit_that_come_to_more_look_split() -> None:
    streams = contracts(UNDER, UNDER)
    (found,) = streams.raised("split")
    assert places([found]) == [["liupu-2026/contract/1@1", "liupu-2026/contract/2@1"]]
    assert found.rule == "contract.split"
    assert "780 万元" in said(found.what, "zh")


@pytest.mark.parametrize(
    "streams",
    [
        contracts(UNDER),
        contracts(4_000_000 * YUAN, UNDER),
        contracts(3_000_000 * YUAN, 3_000_000 * YUAN),
        contracts(UNDER, UNDER, days=400),
        contracts(100_000 * YUAN, 200_000 * YUAN),
        contracts(3_650_000 * YUAN, 100_000 * YUAN),
    ],
    ids=["one", "tendered", "not just under", "years apart", "small", "together under"],
)
def test_contracts_that_are_no_split(streams: Streams) -> None:
    assert streams.raised("split") == []


def test_contracts_of_several_bodies_or_for_several_things_are_no_split() -> None:
    streams = contracts(UNDER)
    streams.add("liupu-2026/contract/2", 1, signed(UNDER, "乙"))
    streams.add("liupu-2026/contract/3", 1, signed(950_000 * YUAN, "甲", "design"))
    assert streams.raised("split") == []


def test_the_limits_are_the_profiles() -> None:
    streams = contracts(950_000 * YUAN, 950_000 * YUAN, kind="design")
    assert len(streams.raised("split")) == 1
    assert streams.raised("split", tender_services=5_000_000 * YUAN) == []
    assert streams.raised("split", tender_near=100) == []
    assert streams.raised("split", rules_as_of=date(2014, 1, 1)) == []


def test_a_payment_before_its_approval_is_flagged_with_the_approval_that_followed() -> None:
    streams = Streams().add(CONTRACT, 0, signed(1000))
    streams.add(CONTRACT, 1, PaymentAsked(payment="p1", amount=10))
    streams.add(CONTRACT, 2, PaymentMade(amount=10, document="1"))
    streams.add(CONTRACT, 30, PaymentApproved(payment="p1"))
    streams.add(CONTRACT, 40, PaymentMade(amount=5, document="2"))
    found = streams.raised("unapproved")
    assert places(found) == [[f"{CONTRACT}@3", f"{CONTRACT}@4"], [f"{CONTRACT}@5"]]
    assert {f.rule for f in found} == {"payment.unapproved"}


def test_an_approval_that_came_in_late_counts_from_its_own_day() -> None:
    streams = Streams().add(CONTRACT, 0, signed(1000))
    streams.add(CONTRACT, 1, PaymentAsked(payment="p1", amount=10))
    streams.add(CONTRACT, 5, PaymentMade(amount=10, document="1"))
    streams.add(
        CONTRACT,
        9,
        PaymentApproved(payment="p1"),
        occurred_at=START + timedelta(hours=2),
        source=Source.PAPER,
        reason=TEXT,
    )
    assert streams.raised("unapproved") == []
