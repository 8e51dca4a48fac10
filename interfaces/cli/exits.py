"""How a command ends: exit codes, and one clear line for whatever went wrong."""

import re
import sys
from collections.abc import Callable

from interfaces.cli.language import lang, say
from interfaces.cli.output import Out

OK = 0
FAILED = 1
USAGE = 2
REFUSED = 3
UNREACHABLE = 4


class Ended(Exception):
    """Ends the command with an exit code, everything having been said."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def explain(error: BaseException) -> tuple[int, str] | None:
    """Return the exit code and the line for an error, or None for what is a fault of ours."""
    # What a command never imported cannot have raised anything.
    for module, read in (
        ("interfaces.desk.errors", _door),
        ("runtime.errors", _stack),
        ("ledger.errors", _ledger),
        ("domain.engine.fold", _fold),
        ("asyncpg", _database),
        ("temporalio.service", _engine),
    ):
        if module in sys.modules and (found := read(error)) is not None:
            return found
    if isinstance(error, OSError):
        return FAILED, f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")
    if isinstance(error, TimeoutError):
        return UNREACHABLE, say(
            "服务器没有应答；siwen status 查看原因",
            "A server does not answer; `siwen status` shows why.",
        )
    return None


def fault(error: BaseException) -> str:
    """Return the line for what should not have happened."""
    return say(
        f"出现内部错误：{type(error).__name__}：{error}（SIWEN_DEBUG=1 显示详情）",
        f"An internal error: {type(error).__name__}: {error} (SIWEN_DEBUG=1 shows where)",
    )


Explained = tuple[int, str] | None


def _door(error: BaseException) -> Explained:
    from interfaces.cli.actions import typed
    from interfaces.desk.errors import DoorError, Unreachable

    if not isinstance(error, DoorError):
        return None
    code = UNREACHABLE if isinstance(error, Unreachable) else USAGE
    return code, say(
        f"{error.what.zh}。{_ended(error.do.zh + typed(error.action), '。')}",
        f"{error.what.en}. {_ended(error.do.en + typed(error.action), '.')}",
    )


def _ended(text: str, stop: str) -> str:
    return text if text.endswith(("?", "?", "。", ".", "!")) else text + stop


def _stack(error: BaseException) -> Explained:
    from interfaces.desk.operating.stack_errors import line
    from runtime import errors

    if not isinstance(error, errors.StackError):
        return None
    unreachable = (
        errors.NotRunning,
        errors.ServerUnreachable,
        errors.ServerFailed,
        errors.LedgerMissing,
        errors.NothingHere,
    )
    code = FAILED
    if isinstance(error, unreachable):
        code = UNREACHABLE
    elif isinstance(error, errors.SettingsInvalid):
        code = USAGE
    return code, line(error).in_(lang())


def _ledger(error: BaseException) -> Explained:
    from ledger import errors

    if not isinstance(error, errors.LedgerError):
        return None
    if isinstance(error, errors.BadEvidence):
        return USAGE, say(error.zh, str(error))
    down = (errors.LedgerUnavailable, errors.LedgerBusy, errors.NotMigrated)
    said = {
        errors.LedgerUnavailable: "账本数据库没有应答，什么都没有记录，请重发",
        errors.LedgerBusy: "对象正被频繁修改，什么都没有记录，请重发",
        errors.NotMigrated: "账本尚未升级到本版本：siwen migrate",
        errors.NewerSchema: "账本由更新的版本写成，请安装新版本",
    }
    code = UNREACHABLE if isinstance(error, down) else FAILED
    if isinstance(error, errors.LogFrozen):
        return code, say(error.zh, str(error))
    return code, say(said.get(type(error), str(error)), str(error))


def _fold(error: BaseException) -> Explained:
    from domain.engine.fold import FoldError

    if not isinstance(error, FoldError):
        return None
    return FAILED, say(
        f"{error.stream} 的第 {error.version} 条记录无法汇总，已隔离：{error.why}。"
        "siwen doctor 列出所有被隔离的对象。",
        f"{error} (quarantined; `siwen doctor` lists what is)",
    )


def _database(error: BaseException) -> Explained:
    from ledger.store.driver import DRIVER_ERRORS

    if not isinstance(error, DRIVER_ERRORS):
        return None
    return UNREACHABLE, say(
        f"PostgreSQL 没有照办：{error};siwen status 查看原因",
        f"PostgreSQL did not do it: {error}; `siwen status` shows why",
    )


def _engine(error: BaseException) -> Explained:
    from temporalio.service import RPCError

    if not isinstance(error, RPCError):
        return None
    return UNREACHABLE, say(
        f"Temporal 没有照办：{error};siwen status 查看原因",
        f"Temporal did not do it: {error}; `siwen status` shows why",
    )


def ending(function: Callable[[], object]) -> int:
    """Run a command and return its exit code; whatever is wrong is said in one line."""
    try:
        function()
    except Ended as ended:
        return ended.code
    except KeyboardInterrupt:
        Out().problem(say("已中断", "Interrupted"))
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        sys.stdout = None
        return OK
    except Exception as error:
        return _said(error)
    return OK


def _said(error: Exception) -> int:
    import os

    if os.environ.get("SIWEN_DEBUG"):
        raise error
    exit_code = getattr(error, "exit_code", None)
    if isinstance(exit_code, int):
        _say_usage(error)
        return exit_code
    code, line = explain(error) or (FAILED, fault(error))
    Out().problem((say("✗ ", "✗ "), "bold red"), " ".join(line.split()))
    return code


def _say_usage(error: Exception) -> None:
    """Say what the command line's own parser did not understand."""
    message = getattr(error, "format_message", lambda: "")()
    if not message:
        return
    where = getattr(getattr(error, "ctx", None), "command_path", "siwen")
    hint = say(f"用法见 {where} --help", f"See {where} --help")
    text = " ".join(message.split()).rstrip(".")
    Out().problem(("✗ ", "bold red"), say(f"{_in_chinese(text)}。{hint}", f"{text}. {hint}"))


_USAGE = {
    r"Missing argument '(.+)'": "缺少参数 {}",
    r"Missing option '(.+)'": "缺少选项 {}",
    r"No such option: (\S+).*": "没有选项 {}",
    r"No such command '(.+?)'.*": "没有命令 {}",
    r"Got unexpected extra argument\S* \((.+)\)": "多出了 {}",
    r"Option '(.+)' requires an argument": "选项 {} 后面缺少内容",
    r"Invalid value for '(.+?)': .*": "{} 的内容不对",
    r"Invalid value: (.*)": "{}",
}
"""What the parser says, and how it is said in Chinese; the rest stays as it is."""


def _in_chinese(text: str) -> str:
    for pattern, said in _USAGE.items():
        if found := re.fullmatch(pattern, text):
            return said.format(found[1])
    return text
