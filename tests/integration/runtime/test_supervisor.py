"""`siwen up` as its user has it: a process with children, killed and started again."""

import contextlib
import os
import re
import signal
import socket
from pathlib import Path

import asyncpg

from runtime.embedded.child import identity
from runtime.embedded.state import StackFacts, running_stack
from runtime.embedded.supervisor import stop_running
from runtime.settings import Settings
from tests.integration.runtime.up import Up, descendants, until


async def keep(facts: StackFacts, number: int) -> None:
    connection = await asyncpg.connect(facts.database_url("city"))
    await connection.execute("INSERT INTO public.kept VALUES ($1)", number)
    await connection.close()


async def kept(facts: StackFacts) -> list[int]:
    connection = await asyncpg.connect(facts.database_url("city"))
    rows = await connection.fetch("SELECT n FROM public.kept ORDER BY n")
    await connection.close()
    return [row["n"] for row in rows]


def of_name(processes: list[int], word: str) -> int:
    return next(p for p in processes if word in Path(f"/proc/{p}/cmdline").read_text())


async def test_ctrl_c_stops_everything_in_order(up: Up) -> None:
    up.start()
    facts = await up.ready()
    await keep(facts, 1)
    below = descendants(up.pid)
    # A terminal's Ctrl-C reaches the whole group, but must not reach the database first.
    assert len(below) > 3
    assert all(os.getpgid(process) != os.getpgid(up.pid) for process in below)

    up.send(signal.SIGINT)

    assert await up.ended() == 0
    assert [identity(process) for process in below] == [None] * len(below)
    assert running_stack(up.state_dir) is None
    assert "stopped in order" in (up.state_dir / "log" / "worker-1.log").read_text()
    assert "database system is shut down" in (up.state_dir / "log" / "postgres.log").read_text()


async def test_a_killed_supervisor_leaves_nobody_and_a_restart_goes_on(up: Up) -> None:
    # given
    up.start()
    first = await up.ready()
    await keep(first, 1)
    below = descendants(up.pid)
    assert len(below) > 3

    # when
    up.send(signal.SIGKILL)
    await up.ended()

    # then
    await until(lambda: all(identity(process) is None for process in below), seconds=10)
    assert running_stack(up.state_dir) is None
    # and: the same data at the same addresses, without a long wait
    up.start()
    second = await up.ready(times=2)
    assert float(up.log.read_text().rpartition("seconds=")[2].split()[0]) < 8  # 0.3 idle
    assert await kept(second) == [1]
    assert second.database_server == first.database_server
    assert (second.temporal_address, second.ui_address) == (
        first.temporal_address,
        first.ui_address,
    )


async def test_servers_and_supervisor_killed_together_come_back(up: Up) -> None:
    up.start()
    facts = await up.ready()
    await keep(facts, 1)

    for process in [up.pid, *descendants(up.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    await up.ended()
    up.start()

    assert await kept(await up.ready(times=2)) == [1]


async def test_a_part_that_ends_is_started_again(up: Up) -> None:
    up.start()
    facts = await up.ready()
    await keep(facts, 1)

    for word in ("bin/postgres", "start-dev", "worker.py"):
        os.kill(of_name(descendants(up.pid), word), signal.SIGKILL)

    await until(lambda: up.said("part_started_again") == 3, up.said_last)
    for part in ("postgresql", "temporal", "worker-1"):
        assert up.said(f"part={part}") == 2
    assert await kept(facts) == [1]


async def test_a_server_that_refuses_the_probe_is_tried_again_until_it_lets_it_in(up: Up) -> None:
    # given: somebody changed the password, and wrote it nowhere
    up.start()
    facts = await up.ready()
    await keep(facts, 1)
    connection = await asyncpg.connect(facts.database_url("city"))
    await connection.execute("ALTER ROLE siwen PASSWORD 'another'")
    await connection.close()

    # when
    os.kill(of_name(descendants(up.pid), "bin/postgres"), signal.SIGKILL)

    # then: the keeper says why, and goes on
    await until(lambda: up.said("part_not_started") >= 2, up.said_last)
    assert "password authentication failed" in up.said_last()
    # and
    (up.state_dir / "postgres.password").write_text("another")
    await until(lambda: up.said("part_started_again") == 1, up.said_last)
    other = facts.model_copy(
        update={"database_server": re.sub(":[^:@]+@", ":another@", facts.database_server or "")}
    )
    assert await kept(other) == [1]


async def test_a_second_up_says_who_runs_and_down_stops_the_first(
    up: Up, settings: Settings
) -> None:
    # given
    up.start()
    await up.ready()
    second = Up(up.state_dir, log="second")

    # when
    second.start()

    # then
    assert await second.ended(seconds=5) == 4
    assert f"already running on {up.state_dir} (up, process {up.pid})" in second.said_last()
    # and
    assert await stop_running(settings)
    assert await up.ended() == 0
    assert not await stop_running(settings)


async def test_a_used_port_is_named_and_nothing_stays(up: Up) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up.start(SIWEN_TEMPORAL_PORT=str(port))

        assert await up.ended() == 4

    assert up.said_last().startswith(f"Port {port} (SIWEN_TEMPORAL_PORT)")
    assert len(up.said_last().splitlines()) == 1
    assert descendants(up.pid) == []


async def test_stopped_while_it_starts_it_leaves_nothing(up: Up) -> None:
    # given: a new directory, whose first start takes a while
    up.start()
    await until(lambda: (up.state_dir / "log").exists(), up.said_last)

    up.send(signal.SIGTERM)

    assert await up.ended() == 0
    assert descendants(up.pid) == []
