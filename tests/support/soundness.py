"""What must hold of a ledger whatever happened to it: one check for every fault."""

import asyncio
import contextlib
import hashlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import orjson
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from domain.engine.fold import fold
from domain.engine.kind import entry_id
from domain.engine.message import Receipt
from domain.engine.state import Status, wakes
from domain.engine.step import Head
from domain.registry import KINDS, kind_for
from domain.terms.stream import StreamName
from ledger.store.reading import entry_from
from ledger.store.store import head_json

FOLLOWED_WITHIN = 15.0


async def assert_sound(
    pool: Any, acknowledged: Iterable[Receipt] = (), *, quarantined: Iterable[str] = ()
) -> None:
    """Check every stream from its bodies, and every acknowledged command exactly once."""
    bodies = await _chains(pool)
    await _heads(pool, bodies, set(quarantined))
    await _reports(bodies)
    await _commands(pool, bodies, list(acknowledged))


async def assert_followed(client: Client, pool: Any, *, within: float = FOLLOWED_WITHIN) -> None:
    """Check that every open stream's workflow comes to the ledger's version in time."""
    end = asyncio.get_running_loop().time() + within
    while behind := await _behind(client, pool):
        assert asyncio.get_running_loop().time() < end, f"after {within:.0f} s: {behind}"
        await asyncio.sleep(0.5)


async def _behind(client: Client, pool: Any) -> dict[str, str]:
    rows = await pool.fetch(
        "SELECT stream, version FROM ledger.state "
        "WHERE kind = ANY($1::text[]) AND NOT closed AND quarantine IS NULL",
        [k.name for k in KINDS.values() if k.workflow],
    )
    found = {}
    for row in rows:
        handle = client.get_workflow_handle(row["stream"])
        try:
            status = await handle.query("status", result_type=Status)
        except RPCError as error:
            found[row["stream"]] = f"{error.message} {await _last_trouble(handle)}"
            continue
        known = status.version if status else 0
        if known != row["version"]:
            found[row["stream"]] = f"at {known}, the ledger at {row['version']}"
    return found


async def _last_trouble(handle: WorkflowHandle[Any, Any]) -> str:
    """Return what the workflow's last task failed with, as far as the server tells."""
    told = ""
    with contextlib.suppress(RPCError):
        async for event in handle.fetch_history_events():
            if event.HasField("workflow_task_failed_event_attributes"):
                told = str(event.workflow_task_failed_event_attributes)
            elif event.HasField("workflow_task_timed_out_event_attributes"):
                told = str(event.workflow_task_timed_out_event_attributes)
    return told


async def _chains(pool: Any) -> dict[StreamName, list[dict[str, Any]]]:
    """Check each stream's versions, hashes and times from the bodies alone; return them."""
    rows = await pool.fetch(
        "SELECT stream, version, body, leaf_hash FROM ledger.event "
        # The ledger's own streams have neither kind nor state: `tests.support.sealing` checks
        # those.
        "WHERE stream NOT LIKE 'ledger/%' ORDER BY stream, version"
    )
    streams: dict[StreamName, list[dict[str, Any]]] = {}
    prev: str | None = None
    for row in rows:
        body = orjson.loads(row["body"])
        found = streams.setdefault(StreamName(row["stream"]), [])
        prev = found[-1]["leaf"] if found else None
        leaf = hashlib.sha256(b"\x00" + row["body"].encode()).hexdigest()
        where = f"{row['stream']}@{row['version']}"
        assert (body["stream"], body["version"]) == (row["stream"], row["version"]), where
        assert body["version"] == len(found) + 1, where
        assert body["id"] == entry_id(row["stream"], row["version"]), where
        assert body["prev"] == prev, where
        assert leaf == row["leaf_hash"].hex(), where
        assert body["occurred_at"] <= body["recorded_at"], where
        found.append({**body, "leaf": leaf, "text": row["body"]})
    for found in streams.values():
        for one, next_ in pairwise(found):
            assert one["recorded_at"] <= next_["recorded_at"], f"{one['stream']} runs backwards"
    return streams


async def _heads(
    pool: Any, bodies: dict[StreamName, list[dict[str, Any]]], quarantined: set[str]
) -> None:
    """Check that every stored head is the fold of its entries."""
    rows = await pool.fetch("SELECT * FROM ledger.state")
    assert {r["stream"] for r in rows} == set(bodies)
    for row in rows:
        name = StreamName(row["stream"])
        kind, found = kind_for(name), bodies[name]
        assert row["version"] == len(found), name
        assert row["leaf_hash"].hex() == found[-1]["leaf"], name
        assert (row["quarantine"] is not None) == (name in quarantined), row["quarantine"]
        if name in quarantined:
            continue
        state = fold(kind, [entry_from(kind, b["text"]) for b in found])
        head = Head(name, kind, row["version"], state, row["recorded_at"])
        assert orjson.loads(row["head"]) == orjson.loads(head_json(head)), name
        assert kind.state.model_validate_json(row["head"]) == state, name
        assert (row["stage"], row["closed"]) == (state.stage, state.closed), name
        assert row["due"] == wakes(kind.deadlines(state)), name
        assert orjson.loads(row["tally"] or "{}") == dict(kind.tally(state)), name


async def _reports(bodies: dict[StreamName, list[dict[str, Any]]]) -> None:
    """Check that every report points at the entry it was made from."""
    for name, found in bodies.items():
        for body in found:
            if body["type"] == "reported":
                told = body["data"]
                source = bodies[told["stream"]][told["version_then"] - 1]
                assert source["leaf"] == told["leaf_hash"], f"{name}@{body['version']}"


async def _commands(
    pool: Any, bodies: dict[StreamName, list[dict[str, Any]]], acknowledged: list[Receipt]
) -> None:
    """Check that what was acknowledged is there once, and nothing is there by halves."""
    rows = {r["id"]: r for r in await pool.fetch("SELECT * FROM ledger.command")}
    made: dict[str, list[dict[str, Any]]] = {}
    for found in bodies.values():
        for body in found:
            if body["command_id"] is not None:
                made.setdefault(body["command_id"], []).append(body)
    assert set(made) == set(rows)
    for receipt in acknowledged:
        id = receipt.command_id
        assert id in rows, f"{id} was acknowledged and is lost"
        assert Receipt.model_validate_json(rows[id]["receipt"]) == receipt, id
    for id, row in rows.items():
        receipt = Receipt.model_validate_json(row["receipt"])
        own = [e for e in receipt.events if bodies[e.stream][e.version - 1]["command_id"] == id]
        assert len(own) == len(made[id]), f"{id} was recorded twice, or in part"
        for event in receipt.events:
            body = bodies[event.stream][event.version - 1]
            assert (body["id"], body["leaf"], body["type"]) == (
                event.id,
                event.leaf_hash,
                event.type,
            ), id
