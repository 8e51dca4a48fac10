"""Whatever is sent straight to Temporal, past every door: no workflow fails and none is wedged."""

from typing import Any

import pytest
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue

from domain.terms.role import Actor, Role, Via
from tests.support.ledgers import extend, open_block, opening, parking
from tests.support.running import Running, until
from workflows.message import MAX_PAYLOAD
from workflows.registry import TASK_QUEUE


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


STRAY: dict[str, list[Any]] = {
    "nothing": [],
    "two": [{"id": "a"}, {"id": "b"}],
    "null": [None],
    "number": [7],
    "text": ["open the block"],
    "list": [[1, 2]],
    "empty object": [{}],
    "bytes": [b"\x00\x01"],
    "no json": [raw(b"{{{")],
    "no text": [raw(b"\xff\xfe\x00")],
    "no encoding": [RawValue(Payload(data=b"{}"))],
    "unknown encoding": [raw(b"{}", b"binary/riddle")],
    "protobuf": [raw(b"{}", b"json/protobuf")],
    "key with a NUL": [raw(b'{"a\\u0000b": 1}')],
    "half a character": [raw(b'{"id": "\\ud800"}')],
    "not a number": [raw(b'{"version": NaN, "id": NaN}')],
    "huge number": [raw(b'{"version": ' + b"9" * 5000 + b"}")],
    "nested": [raw(b'{"command": ' + b"[" * 5000 + b"]" * 5000 + b"}")],
    "too large": [{"id": "x" * (MAX_PAYLOAD + 1)}],
    "2 MB": [{"id": "x" * 1_900_000}],
}


async def carries_on(city: Running) -> None:
    """The stream's workflow still takes commands, as update and as signal."""
    await city.accept(city.programme, extend())
    id = await city.post(city.programme, parking(), by=Role.OFFICE)
    await until(lambda: city.recorded(id), "the signal that came after")
    await until(lambda: follows(city, city.programme), "the workflow's version")


async def follows(city: Running, stream: str) -> bool:
    status = await city.status(stream)
    return status is not None and status.version == await city.ledger.version(stream)


async def test_stray_posts_are_kept_as_attempts(city: Running) -> None:
    before = len(await city.ledger.attempts())
    for sent in STRAY.values():
        await city.handle(city.programme).signal("post", args=sent)

    async def kept() -> bool:
        return len(await city.ledger.attempts()) == before + len(STRAY)

    await until(kept, "an attempt for each")
    for attempt in (await city.ledger.attempts())[before:]:
        assert (attempt["stream"], attempt["rule"]) == (city.programme, "command.malformed")
    await carries_on(city)


async def test_stray_nudges_are_left_unread(city: Running) -> None:
    for sent in STRAY.values():
        await city.handle(city.programme).signal("nudge", args=sent)
    await carries_on(city)


async def test_stray_updates_fail_and_nothing_else(city: Running) -> None:
    for name, sent in STRAY.items():
        with pytest.raises(WorkflowUpdateFailedError):
            await city.handle(city.programme).execute_update("submit", args=sent, id=name)
    await carries_on(city)


async def test_attempt_of_a_stray_post_repeats_nothing_of_it(city: Running) -> None:
    name = "Zhang San 13800001111"
    before = len(await city.ledger.attempts())
    handle = city.handle(city.programme)
    good = city.submission(city.programme, extend()).model_dump(mode="json")
    sent = [{name: 1}, {**good, name: name}, {**good, "actor": {"id": name}}, name, [name]]
    for one in [*sent, {**good, "stream": name}, {**good, "via": name}]:
        await handle.signal("post", one)
    await handle.signal(name, 1)

    async def kept() -> bool:
        return len(await city.ledger.attempts()) == before + len(sent) + 3

    await until(kept, "an attempt for each")
    for attempt in (await city.ledger.attempts())[before:]:
        assert name not in " ".join(map(str, attempt.values()))
    await carries_on(city)


async def test_unknown_messages_change_nothing(city: Running) -> None:
    handle = city.handle(city.programme)
    await handle.signal("close", {"now": True})
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update("close", {"now": True})
    await carries_on(city)


@pytest.mark.parametrize("name", ["other stream", "system role", "system door", "type with a NUL"])
async def test_post_that_can_never_be_accepted_is_kept_as_an_attempt(
    city: Running, name: str
) -> None:
    sent = {
        "other stream": city.submission(city.block, open_block("另")),
        "system role": city.submission(
            city.programme, extend(), by=Actor(id="siwen", role=Role.SYSTEM)
        ),
        "system door": city.submission(city.programme, extend(), via=Via.SYSTEM),
        "type with a NUL": city.submission(city.programme, {"type": "a\x00b"}),
    }[name]
    before = len(await city.ledger.attempts())
    await city.handle(city.programme).signal("post", sent)

    async def kept() -> bool:
        return len(await city.ledger.attempts()) > before

    await until(kept, "the attempt")
    await carries_on(city)


@pytest.mark.parametrize("name", ["other stream", "system role", "system door"])
async def test_update_that_can_never_be_accepted_is_refused_by_the_validator(
    city: Running, name: str
) -> None:
    sent = {
        "other stream": city.submission(city.block, open_block("另")),
        "system role": city.submission(
            city.programme, extend(), by=Actor(id="siwen", role=Role.SYSTEM)
        ),
        "system door": city.submission(city.programme, extend(), via=Via.SYSTEM),
    }[name]
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await city.handle(city.programme).execute_update("submit", sent)
    assert refused.value.cause.type == "malformed"  # type: ignore[attr-defined]
    await carries_on(city)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [None],
        [7],
        ["liupu"],
        [{"stream": 7}],
        [raw(b"\xff")],
        [{"stream": "another", "status": {"stream": "another", "version": 99}}],
    ],
    ids=str,
)
async def test_workflow_started_by_hand_follows_its_stream_all_the_same(
    shared: Running, arguments: list[Any]
) -> None:
    """Whoever can reach Temporal can start a workflow of any name with anything in it."""
    shared._count[0] += 1
    name = f"byhand-{shared._count[0]}"
    await shared.client.start_workflow("programme", args=arguments, id=name, task_queue=TASK_QUEUE)
    await shared.accept(name, opening(), by=Role.OFFICE)
    await until(lambda: follows(shared, name), "the workflow's version")


async def test_workflow_of_a_name_that_is_none_ends(shared: Running) -> None:
    handle: WorkflowHandle[Any, Any] = await shared.client.start_workflow(
        "programme", args=[], id="No Stream", task_queue=TASK_QUEUE
    )
    await handle.result()


async def test_signal_without_any_payload_field(city: Running) -> None:
    """As another SDK might send it: no input at all, not even an empty list."""
    await city.client.workflow_service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=city.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=city.programme),
            signal_name="post",
        )
    )
    await carries_on(city)
