"""What stops a rehearsal: what happened and what to do."""

from collections.abc import Sequence

from domain.engine.rule import RULES, Refusal
from domain.terms.value import Text
from interfaces.desk.errors import DoorError
from words import catalogue
from words.sources import Lang


class NotARehearsal(DoorError):
    """A ledger of this name exists and is no rehearsal: it is left alone."""

    def __init__(self, ledger: str) -> None:
        self.ledger = ledger
        super().__init__(
            Text(
                zh=f"账本 {ledger} 不是演练，未作任何改动",
                en=f"The ledger {ledger} is not a rehearsal; nothing in it was touched",
            ),
            Text(
                zh="请给脚本的年度计划另取名称（programme.yaml 的 stream）",
                en="Give the scenario's programme another name (stream in programme.yaml)",
            ),
        )


class AlreadyPlaying(DoorError):
    """Another process plays this rehearsal, or works in its ledger."""

    def __init__(self, ledger: str) -> None:
        super().__init__(
            Text(zh=f"{ledger} 正由另一进程使用", en=f"Another process is at work in {ledger}"),
            Text(zh="请等它结束", en="Wait until it has ended"),
        )


class RehearsalStopped(DoorError):
    """The rehearsal did not go as its scenario says."""

    def __init__(self, where: Text, what: Text, do: Text) -> None:
        self.where = where
        super().__init__(
            Text(zh=f"演练停在 {where.zh}：{what.zh}", en=f"Stopped at {where.en}: {what.en}"), do
        )


def refused(where: Text, refusal: Refusal) -> RehearsalStopped:
    """Return why the rehearsal stops at an act that was refused against expectation."""
    rule = RULES[refusal.rule]
    return RehearsalStopped(
        where,
        Text(
            zh=f"被规则 {refusal.rule}（{rule.text.zh}）拒绝；缺：{_joined(refusal, 'zh')}",
            en=f"refused by {refusal.rule} ({rule.text.en}); missing: {_joined(refusal, 'en')}",
        ),
        Text(
            zh=f"{rule.way_on.zh}；或在脚本中写明 expect: refused {refusal.rule}",
            en=f"{rule.way_on.en}; or let the act say expect: refused {refusal.rule}",
        ),
    )


def unexpected(where: Text, expected: str, came: Sequence[str]) -> RehearsalStopped:
    """Return why the rehearsal stops at an act that was expected to end in another way."""
    found = ", ".join(came) or "-"
    return RehearsalStopped(
        where,
        Text(zh=f"应为 {expected}，实为 {found}", en=f"expected {expected}, came {found}"),
        Text(zh="请核对脚本的 expect", en="Check what the act expects"),
    )


def not_quiet(where: Text, waiting: Sequence[str], seconds: float) -> RehearsalStopped:
    """Return why the rehearsal stops where workflows do not finish what they have to do."""
    names = ", ".join(waiting[:5])
    return RehearsalStopped(
        where,
        Text(
            zh=f"{seconds:.0f} 秒后仍未完成：{names}",
            en=f"not done after {seconds:.0f} s: {names}",
        ),
        Text(zh="请查看工作进程日志", en="See the worker's log"),
    )


def _joined(refusal: Refusal, lang: Lang) -> str:
    return "; ".join(catalogue.missing(m, lang) for m in refusal.missing) or "-"
