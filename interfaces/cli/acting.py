"""Who acts and when: `--as ACTOR:ROLE`, `--on DATE`, `--attach FILE`."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from domain.engine.kind import command_type
from domain.engine.message import Command
from domain.streams.programme.state import Appointment
from domain.terms.role import Actor, Role
from domain.terms.value import Text
from domain.terms.zone import zone_of
from interfaces.desk.errors import BadRequest
from interfaces.desk.forms.fields import FieldHelp, fields_of
from interfaces.desk.forms.input import instant
from ledger.evidence.evidence import MAX_BYTES
from words import labels


def actor(named: str | None, command: type[Command], appointed: Sequence[Appointment]) -> Actor:
    """Return who acts: `ACTOR:ROLE`, or `ACTOR` alone where one role of theirs fits.

    Raises:
        BadRequest: if nobody is named, or the role is unknown or not clear.

    """
    named = named or os.environ.get("SIWEN_AS")
    if not named:
        raise BadRequest(
            Text(zh="没有说明由谁办理", en="Who does this was not said"),
            _who_may(command, appointed),
        )
    id, _, rest = named.partition(":")
    role, _, organisation = rest.partition(":")
    try:
        return Actor(
            id=id.strip(),
            role=_role(role) if role else _fitting(id, command, appointed),
            organisation=organisation or None,
        )
    except ValueError as error:
        raise BadRequest(
            Text(zh=f"--as {named} 不成立", en=f"--as {named} cannot be used"),
            Text(
                zh="写作 编号：职责，如 lead-1:project_lead",
                en="Write ACTOR:ROLE, like lead-1:project_lead",
            ),
        ) from error


def named_only(named: str | None) -> Actor | None:
    """Return who is named on the command line with their role, if anybody is.

    Raises:
        BadRequest: if the role is missing or unknown.

    """
    if named is None:
        return None
    id, sign, role = named.partition(":")
    if not sign:
        raise BadRequest(
            Text(zh=f"--as {named} 没有写职责", en=f"--as {named} names no role"),
            Text(zh="写作 编号：职责", en="Write ACTOR:ROLE"),
        )
    return Actor(id=id.strip(), role=_role(role))


def _role(text: str) -> Role:
    text = text.strip()
    if (meant := labels.role_meant(text)) is not None:
        return meant
    try:
        return Role(text.lower().replace("-", "_").replace(" ", "_"))
    except ValueError as error:
        raise BadRequest(
            Text(zh=f"没有职责「{text[:40]}」", en=f"There is no role {text[:40]!r}"),
            Text(
                zh="职责有：" + "、".join(f"{r}（{labels.role(r).zh}）" for r in Role),
                en="The roles are " + ", ".join(Role),
            ),
        ) from error


def _fitting(id: str, command: type[Command], appointed: Sequence[Appointment]) -> Role:
    held = {a.role for a in appointed if a.actor == id.strip()}
    able = held & command.by
    if len(able or held) == 1:
        return next(iter(able or held))
    raise BadRequest(
        Text(zh=f"没有说明 {id} 的职责", en=f"In which role {id} acts was not said"),
        _who_may(command, appointed),
    )


def _who_may(command: type[Command], appointed: Sequence[Appointment]) -> Text:
    people = [f"{a.actor}:{a.role}" for a in appointed if a.role in command.by]
    if people:
        listed = ", ".join(people[:8])
        return Text(
            zh=f"请加 --as(或设 SIWEN_AS)，可由：{listed}",
            en=f"Add --as (or set SIWEN_AS): {listed}",
        )
    able = sorted(command.by - {Role.SYSTEM})
    return Text(
        zh=f"请加 --as 编号：职责，{command.zh}可由：" + "、".join(labels.role(r).zh for r in able),
        en=f"Add --as ACTOR:ROLE; {command_type(command)} is for: " + ", ".join(able),
    )


def on(text: str | None, zone: str, now: datetime) -> datetime | None:
    """Return when it was so: a day alone means its noon, and today means now.

    Raises:
        BadRequest: if it is no day or instant.

    """
    if text is None:
        return None
    found = instant(text, zone, noon=True)
    if found is None:
        raise BadRequest(
            Text(zh=f"--on {text[:40]} 不是日期", en=f"--on {text[:40]} is not a date"),
            Text(
                zh="写作 2014-09-03 或 2014-09-03T10:30", en="Write 2014-09-03 or 2014-09-03T10:30"
            ),
        )
    if found > now and text.strip() == now.astimezone(zone_of(zone)).date().isoformat():
        return None
    return found


def attachments(
    command: type[Command], files: Sequence[str], given: dict[str, object]
) -> list[str]:
    """Put `[field=]FILE` into the command's fields; return what stays with the whole entry.

    A file without a field goes to the one field for files that is still empty.

    Raises:
        BadRequest: if the field takes no file.

    """
    whole: list[str] = []
    for named in files:
        field, path = _field_for(command, named, given)
        if field is None:
            whole.append(path)
        elif field.form == "list":
            held = given.setdefault(field.name, [])
            if isinstance(held, list):
                held.append(path)
        else:
            given[field.name] = path
    return whole


def _field_for(
    command: type[Command], named: str, given: dict[str, object]
) -> tuple[FieldHelp | None, str]:
    fields = {f.name: f for f in fields_of(command) if _takes_files(f)}
    field, sign, path = named.partition("=")
    if sign and field.replace("_", "").isalnum() and not Path(named).exists():
        if field not in fields:
            listed = ", ".join(fields)
            raise BadRequest(
                Text(zh=f"{field} 不收文件", en=f"{field} takes no file"),
                Text(
                    zh=f"收文件的字段：{listed or '无'}", en=f"Fields for files: {listed or 'none'}"
                ),
            )
        return fields[field], path
    empty = [f for f in fields.values() if f.name not in given or f.form == "list"]
    required = [f for f in empty if f.required]
    fitting = required or empty
    return (fitting[0] if len(fitting) == 1 else None), named


def _takes_files(field: FieldHelp) -> bool:
    return field.form == "file" or (field.form == "list" and field.inside[0].form == "file")


def read_file(name: str, folder: Path | None = None) -> bytes:
    """Return a file's bytes.

    Raises:
        BadRequest: if there is none, or it is too large.

    """
    path = (folder or Path()) / Path(name).expanduser()
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadRequest(
                Text(
                    zh=f"{name} 有 {size // 2**20} MB，最多 {MAX_BYTES // 2**20} MB",
                    en=f"{name} has {size // 2**20} MB; at most {MAX_BYTES // 2**20} MB are taken",
                ),
                Text(zh="请缩小或拆分", en="Make it smaller or split it"),
            )
        return path.read_bytes()
    except OSError as error:
        raise BadRequest(
            Text(zh=f"读不到文件 {name}", en=f"The file {name} cannot be read: {error.strerror}"),
            Text(zh="请核对路径", en="Check its path"),
        ) from error
