"""A programme's file as it is recorded: a line each, what is invented marked as such."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.engine.admission import STREAM_EXISTS
from domain.engine.rule import Refusal
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out, joined
from interfaces.cli.view import answer as answers
from interfaces.desk.forms.programme_file import Item, Opened, ProgrammeFile
from words import forms, labels


def item(out: Out, done: Opened, names: Mapping[str, str]) -> None:
    """Print what became of one command of the file."""
    refusal = done.answer.refusal
    about = _about(done.item, names)
    if refusal is not None and stands_already(refusal):
        out.line(
            ("= ", "yellow"),
            about,
            (
                say(
                    "（已存在，但与文件不同，未改动）",
                    " (exists with another content; left as it is)",
                ),
                "yellow",
            ),
            hanging=4,
        )
    elif refusal is not None:
        out.problem(("✗ ", "bold red"), about, hanging=4)
        answers.refused(out, refusal, str(done.item.command.get("zone", "Asia/Shanghai")))
    else:
        sign = ("= ", "dim") if done.before else ("✓ ", "green")
        mark = say("（此前已记录）", " (recorded before)") if done.before else ""
        out.line(sign, about, (mark, "dim"), _invented(done.item), hanging=4)


def summary(out: Out, file: ProgrammeFile, done: Sequence[Opened], planned: int) -> None:
    """Print how much was recorded and how to go on."""
    new = [d for d in done if d.answer.receipt is not None and not d.before]
    out.line()
    if len(done) < planned:
        rest = planned - len(done)
        out.problem(
            (
                say(
                    f"停在此处，其余 {rest} 项未提交；改正文件后再运行一次",
                    f"Stopped here; {rest} more were not sent. Correct the file and run it again.",
                ),
                "bold",
            ),
        )
        return
    out.line(
        say(
            f"新记录 {len(new)} 项，共 {planned} 项。",
            f"{len(new)} of {planned} recorded just now.",
        ),
    )
    if file.invented:
        out.line(
            (say(" 虚构 ", " INVENTED "), "bold black on cyan"),
            say(
                f" 来源未载明、由文件虚构的内容：{joined(file.invented)}",
                f" what the source does not say, and the file invents: {joined(file.invented)}",
            ),
            hanging=2,
        )
    out.line((say("接着：siwen next", "Go on with `siwen next`"), "dim"))


def stands_already(refusal: Refusal) -> bool:
    """Tell whether a refusal only says that the stream was opened before."""
    return refusal.rule == STREAM_EXISTS.id


def _about(one: Item, names: Mapping[str, str]) -> str:
    """Return a command of the file in a few words."""
    command = one.command
    what = one.title.in_(lang())
    match command["type"]:
        case "allocate_money":
            amount, basis = command.get("amount"), labels.word(command.get("basis", ""))
            of = joined(names.get(str(b), str(b)) for b in command.get("blocks", ()))
            shown = forms.yuan(amount, lang()) if isinstance(amount, int) else str(amount)
            return f"{what}  {of}  {basis.in_(lang())} {shown}"
        case "record_parking":
            places = joined(str(p) for p in command.get("places", ()))
            basis = labels.word(command.get("basis", ""))
            return (
                f"{what}  {places}  {command.get('year')} {basis.in_(lang())} {command.get('bays')}"
            )
        case _:
            return f"{what}  {_named(command)}  {one.stream}"


def _named(command: dict[str, Any]) -> str:
    return joined(str(command[k]) for k in ("name", "community", "city") if command.get(k))


def _invented(one: Item) -> tuple[str, str]:
    if not one.invented:
        return "", ""
    fields = joined(f for f in one.invented if f)
    return (
        say(
            f"  虚构：{fields}" if fields else "  虚构",
            f"  invented: {fields}" if fields else "  invented",
        ),
        "cyan",
    )
