"""Whether all parts answer: the database, Temporal, the workers, and the ledger itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from asyncpg import LockNotAvailableError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from domain.terms.said import Said, said
from domain.terms.stream import StreamName
from domain.terms.value import Instant, Text, Value
from interfaces.desk.operating import stack_errors
from interfaces.desk.operating.calendars import Waiting, all_waiting
from interfaces.desk.operating.log_health import log_found
from interfaces.desk.operating.view_health import in_short, views_of
from ledger.errors import LedgerError
from ledger.read import streams
from ledger.read.streams import Totals
from ledger.schema.migrate import migrations, require_migrated
from ledger.store.driver import DRIVER_ERRORS, wait_for_locks
from ledger.store.locks import lock_holders
from runtime.connect import connect_once, ledger_url
from runtime.embedded.process_name import has_ended, is_named_so
from runtime.errors import StackError
from runtime.parts import share_one_role
from runtime.settings import Settings
from runtime.temporal import connect_temporal
from runtime.visible import visible
from workflows.registry import TASK_QUEUE

ANSWER_WITHIN = 7.0
"""Seconds; a container's health check gives up after ten."""
LOCKED_FOR = 3
"""Seconds that a lock is waited for; then its holder is named."""
OVERDUE_AFTER = timedelta(seconds=60)
"""How long a deadline may be past that nobody let lapse."""
POLLED_WITHIN = timedelta(seconds=75)
"""A worker asks at least once a minute while it waits for work."""


NAMED = 3
"""Strangers that are named one by one."""


class Part(Value):
    """One part, whether it is well, and what is to be said of it."""

    name: Text
    well: bool
    detail: Text
    warns: bool = False
    """Whether something is to be looked at that stops nothing."""
    action: Said | None = None
    """What each door offers where something is to be done, in its own terms."""


class Health(Value):
    """All parts; well only if every one is."""

    ledger: str
    parts: tuple[Part, ...]

    @property
    def well(self) -> bool:
        return all(p.well for p in self.parts)


SHARED = Text(
    zh="记录、收件、封存共用一个数据库角色：可各设登录口令 SIWEN_RECORDER_PASSWORD、"
    "SIWEN_DOOR_PASSWORD、SIWEN_SEALER_PASSWORD（deploy/README.md）；内置数据库重启后自动分开",
    en="recorder, door and sealer share one database role: give each its login by "
    "SIWEN_RECORDER_PASSWORD, SIWEN_DOOR_PASSWORD and SIWEN_SEALER_PASSWORD (deploy/README.md); "
    "the embedded database has them after a restart",
)
DATABASE = Text(zh="数据库", en="database")
LEDGER = Text(zh="账本", en="ledger")
CALENDAR = Text(zh="放假安排", en="calendar")
VIEWS = Text(zh="视图", en="views")
ENGINE = Text(zh="Temporal", en="Temporal")
WORKER = Text(zh="工作进程", en="workers")


async def health(settings: Settings) -> Health:
    """Ask every part of the ledger's stack, within a bounded time; nothing is started."""
    database, engine = await asyncio.gather(
        _asked(DATABASE, lambda: _database(settings)), _asked(ENGINE, lambda: _engine(settings))
    )
    return Health(ledger=settings.ledger, parts=(*database, *engine))


async def _asked(name: Text, ask: Callable[[], Awaitable[list[Part]]]) -> list[Part]:
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return await ask()
    except TimeoutError:
        within = f"{ANSWER_WITHIN:.0f} s"
        return [_ill(name, f"{within} 内没有应答", f"no answer within {within}")]
    except StackError as error:
        return [Part(name=name, well=False, detail=stack_errors.line(error))]
    except (OSError, RPCError, *DRIVER_ERRORS) as error:
        return [_ill(name, str(error), str(error))]


async def _database(settings: Settings) -> list[Part]:
    url = ledger_url(settings)
    connection = await connect_once(url)
    try:
        await wait_for_locks(connection, LOCKED_FOR)
        served = connection.get_server_version()
        version = f"{served.major}.{served.micro}"
        where = _address(url)
        found = [_well(DATABASE, f"PostgreSQL {version},{where}", f"PostgreSQL {version}, {where}")]
        if share_one_role(settings):
            found.append(Part(name=DATABASE, well=True, detail=SHARED, warns=True))
        try:
            await require_migrated(connection)
        except LedgerError as error:
            return [*found, _ill(LEDGER, str(error), str(error))]
        totals = await streams.totals(connection, OVERDUE_AFTER)
        log = [
            Part(name=one.name, well=one.well, detail=one.detail, warns=one.warns)
            for one in await log_found(connection, settings)
        ]
        views = await views_of(connection)
        years = [_years(name, some) for name, some in (await all_waiting(connection)).items()]
    except LockNotAvailableError as error:
        held = await lock_holders(connection, 0.0)
        said = held.text if held else Text(zh=str(error), en=str(error))
        return [*found, _ill(LEDGER, said.zh, said.en)]
    finally:
        await connection.close()
    # Views that lag are late for who reads them, and stop nothing.
    follow = Part(name=VIEWS, well=True, detail=in_short(views), warns=not views.well)
    return [*found, _ledger(settings, totals), *years, *log, follow]


def _ledger(settings: Settings, totals: Totals) -> Part:
    count, newest = len(migrations()), migrations()[-1][0]
    zh = (
        f"{settings.ledger}：{totals.streams} 个对象，{totals.events} 条记录，迁移 {newest}/{count}"
    )
    en = (
        f"{settings.ledger}: {totals.streams} streams, {totals.events} events, "
        f"migration {newest} of {count}"
    )
    if bad := totals.quarantined:
        zh += f"；{bad} 个已隔离"
        en += f"; {bad} quarantined"
    if overdue := totals.overdue:
        zh += f"；{overdue} 个期限已过而未处理"
        en += f"; {overdue} deadlines have not lapsed"
    # A quarantined stream is for a person to look at; the others go on.
    part = _ill(LEDGER, zh, en) if overdue else _well(LEDGER, zh, en)
    return part.model_copy(update={"action": said("doctor")}) if bad or overdue else part


def _years(programme: StreamName, waiting: Sequence[Waiting]) -> Part:
    count, years = sum(w.count for w in waiting), [str(w.year) for w in waiting]
    zh = (
        f"{programme}：{'、'.join(years)} 年的放假安排尚未录入，{count} 项期限暂定，"
        "到期不会自动结束；国务院公布后请录入"
    )
    en = (
        f"{programme}: the calendar of {', '.join(years)} is not entered; {count} deadlines are "
        "provisional and do not end by themselves; enter it once it is published"
    )
    action = said("enter_calendar", year=years[0], programme=programme)
    return Part(name=CALENDAR, well=True, detail=Text(zh=zh, en=en), warns=True, action=action)


async def _engine(settings: Settings) -> list[Part]:
    client = await connect_temporal(settings, seconds=ANSWER_WITHIN - 1)
    where = client.service_client.config.target_host
    engine = _well(ENGINE, f"{where}，命名空间 {client.namespace}", f"{where}, {client.namespace}")
    return [engine, await _workers(client)]


async def _workers(client: Client) -> Part:
    asking = [
        p
        for p in await pollers(client)
        if datetime.now(UTC) - p.asked_at < POLLED_WITHIN and not has_ended(p.identity)
    ]
    ours = [p.asked_at for p in asking if is_named_so(p.identity)]
    strange = sorted({p.identity for p in asking if not is_named_so(p.identity)})
    count, named = len(strange), visible(", ".join(strange[:NAMED]))[:120]
    zh, en = "", ""
    if strange:
        zh = f"；另有 {count} 个不是本系统的在取任务（{named}）：查明谁连到了 Temporal"
        en = f"; {count} unknown take its tasks ({named}): find who reaches Temporal"
    if not ours:
        return _ill(
            WORKER,
            f"没有工作进程（队列 {TASK_QUEUE}），请启动{zh}",
            f"nobody of ours works on the queue {TASK_QUEUE}: start a worker{en}",
        ).model_copy(update={"action": said("work")})
    ago = max(0, round((datetime.now(UTC) - max(ours)).total_seconds()))
    detail = Text(
        zh=f"{len(ours)} 个，{ago} 秒前取过任务{zh}",
        en=f"{len(ours)} of ours, asked for work {ago} s ago{en}",
    )
    return Part(name=WORKER, well=True, detail=detail, warns=bool(strange))


class Poller(Value):
    """A worker as the server has it registered, for some minutes after its end too."""

    identity: str
    asked_at: Instant
    """When it last asked for workflow tasks."""


async def pollers(client: Client) -> list[Poller]:
    """Return the workers that are registered with the server."""
    found = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        timeout=timedelta(seconds=ANSWER_WITHIN - 1),
    )
    return [
        Poller(identity=p.identity, asked_at=p.last_access_time.ToDatetime(tzinfo=UTC))
        for p in found.pollers
    ]


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"


def _well(name: Text, zh: str, en: str) -> Part:
    return Part(name=name, well=True, detail=Text(zh=zh, en=en))


def _ill(name: Text, zh: str, en: str) -> Part:
    return Part(name=name, well=False, detail=Text(zh=zh, en=en))
