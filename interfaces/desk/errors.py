"""What a door says when it cannot do what was asked: what happened and what to do."""

from collections.abc import Iterable

from domain.terms.said import Said, said
from domain.terms.value import Text


class DoorError(Exception):
    """Say what happened (`what`) and what the reader can do about it (`do`), in both languages.

    `action` names what each door offers for that in its own terms, a command or a page.
    """

    def __init__(self, what: Text, do: Text, action: Said | None = None) -> None:
        super().__init__(f"{what.en}. {do.en}.")
        self.what = what
        self.do = do
        self.action = action


class UnknownName(DoorError):
    """No stream has this name."""

    def __init__(self, name: str, near: Iterable[str] = ()) -> None:
        self.name, self.near = name, tuple(near)
        shown, action = name[:80], None
        if self.near:
            do = Text(
                zh=f"您是指：{'、'.join(self.near)}?", en=f"Did you mean {', '.join(self.near)}?"
            )
        else:
            do = Text(zh="请查看有哪些区块", en="See which blocks there are")
            action = said("list_blocks")
        super().__init__(Text(zh=f"没有「{shown}」", en=f"There is no {shown!r}"), do, action)


class AmbiguousName(DoorError):
    """Several streams answer to this name."""

    def __init__(self, name: str, candidates: Iterable[str], action: Said | None = None) -> None:
        self.name, self.candidates = name, tuple(candidates)
        listed = ", ".join(self.candidates)
        super().__init__(
            Text(zh=f"「{name}」不止一个", en=f"{name!r} names more than one"),
            Text(zh=f"请写全名：{listed}", en=f"Say which: {listed}"),
            action,
        )


class BadRequest(DoorError):
    """What was asked cannot be understood: a usage error."""


class FileInvalid(BadRequest):
    """A file that somebody wrote cannot be read as what it should be."""

    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why
        super().__init__(
            Text(zh=f"文件有误：{where}：{why}", en=f"The file is wrong at {where}: {why}"),
            Text(zh="请改正后重试", en="Correct it and try again"),
        )


class Unreachable(DoorError):
    """A server does not answer; nothing was recorded, or it is not known."""


class Unanswered(Unreachable):
    """A command was sent and no answer came: it may have been recorded."""

    def __init__(self, command_id: str, why: Text) -> None:
        self.command_id = command_id
        super().__init__(
            Text(
                zh=f"没有等到答复（{why.zh}），不知是否已记录",
                en=f"No answer came ({why.en}): it may have been recorded or not",
            ),
            Text(
                zh="请用同一编号重发，只会记录一次；原因请查看系统状态",
                en="Send it again under the same id, which records it once; the system's status "
                "says why",
            ),
            said("again_and_status", id=command_id),
        )


class NotRecorded(Unreachable):
    """An answer came that says it was recorded, and the ledger does not hold it."""

    def __init__(self, command_id: str) -> None:
        self.command_id = command_id
        super().__init__(
            Text(
                zh="答复说已记录，账本里却没有：答复的不是本系统的工作流",
                en="The answer says that it was recorded, and the ledger does not hold it: "
                "something else answers in the place of our workflow",
            ),
            Text(
                zh="不要当作已记录。请告知系统管理员：有人能连到 Temporal 的端口；"
                "处理后用同一编号重发",
                en="Do not take it for recorded. Tell the operator that somebody reaches "
                "Temporal's port; after that, send it again under the same id",
            ),
            said("again", id=command_id),
        )


class NoLedger(Unreachable):
    """Nothing was ever kept under this name."""

    def __init__(self, ledger: str) -> None:
        super().__init__(
            Text(zh=f"还没有账本 {ledger}", en=f"There is no ledger {ledger} yet"),
            Text(
                zh="请启动系统或先演练一次，或另选账本",
                en="Start the system or rehearse once, or choose another ledger",
            ),
            said("start"),
        )


class OlderLedger(Unreachable):
    """A ledger that an earlier release made, and that was not brought to this one."""

    def __init__(self, ledger: str, *, rehearsal: bool) -> None:
        again = (
            Text(zh="请重新演练，或", en="Rehearse again, or ")
            if rehearsal
            else Text(zh="请", en="")
        )
        super().__init__(
            Text(
                zh=f"账本 {ledger} 是较早版本做的",
                en=f"The ledger {ledger} was made by an earlier release",
            ),
            Text(
                zh=f"{again.zh}在系统运行时升级",
                en=f"{again.en}bring it up to date while the system runs",
            ),
            said("migrate", ledger=ledger),
        )
