"""Where Temporal's users look: lists by stage, the details and summaries on a workflow's page."""

from datetime import UTC, timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType, IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client

from domain.engine.rule import RULES
from domain.search import STAGE
from domain.terms.role import Role
from runtime.search_attributes import TYPES, register_search_attributes
from runtime.temporal import connect_temporal
from tests.support.ledgers import Ledger, extend, open_notice
from tests.support.running import Running, running, until
from tests.unit.domain.spec import TEXT
from workers.searching import Searching

UPSERTED = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES


async def listed(city: Running, stage: str) -> set[str]:
    """Return the streams of this programme that the server finds in a stage."""
    query = f"SiwenProgramme = '{city.programme}' AND SiwenStage = '{stage}'"
    return {w.id async for w in city.client.list_workflows(query)}


async def details(city: Running, stream: str) -> str:
    """Return the current details as Temporal's page asks for them."""
    told: WorkflowMetadata = await city.handle(stream).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return told.current_details


async def events(city: Running, stream: str) -> list[Any]:
    return list((await city.handle(stream).fetch_history()).events)


async def summaries(city: Running, stream: str, kind: EventType.ValueType) -> list[str]:
    converter = city.client.data_converter
    found = [e for e in await events(city, stream) if e.event_type == kind]
    payloads = [e.user_metadata.summary for e in found if e.user_metadata.HasField("summary")]
    return [str(text) for text in await converter.decode(payloads)]


async def test_block_is_listed_by_its_stage_and_moves_with_it(city: Running) -> None:
    async def there(stage: str) -> bool:
        return city.block in await listed(city, stage)

    await until(lambda: there("survey"))
    blocks = f"SiwenKind = 'block' AND SiwenProgramme = '{city.programme}'"
    assert [w.id async for w in city.client.list_workflows(blocks)] == [city.block]
    await city.accept(city.block, {"type": "decline_site", "reason": TEXT}, by=Role.LEADING_GROUP)
    await until(lambda: there("declined"))
    assert not await there("survey")


async def test_programmes_are_listed_by_their_deadline(city: Running) -> None:
    status = await city.status(city.programme)
    assert status is not None
    assert status.due is not None
    since, before = ((status.due + n * timedelta(minutes=1)).isoformat() for n in (-1, 1))

    async def found() -> bool:
        query = f"SiwenDue >= '{since}' AND SiwenDue < '{before}'"
        wanted = f"SiwenProgramme = '{city.programme}' AND {query}"
        return [w.id async for w in city.client.list_workflows(wanted)] == [city.programme]

    await until(found)


async def test_page_tells_stage_what_leads_on_and_the_next_deadline(city: Running) -> None:
    status = await city.status(city.programme)
    assert status is not None
    assert status.due is not None
    told = await details(city, city.programme)
    assert f"`{status.stage}`" in told
    assert status.due.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ") in told
    assert f"`{status.due_key}`" in told
    block = await details(city, city.block)
    assert "`survey`" in block
    assert "`select_site`" in block


async def test_page_tells_what_is_missing_until_it_is_there(city: Running) -> None:
    before = await details(city, city.block)
    assert RULES["survey.complete"].text.zh in before
    assert "`survey.complete`: households, floor_area, buildings" in before
    area = {"type": "record_candidate_data", "floor_area": 120}
    await city.accept(city.block, area, by=Role.PROJECT_LEAD)
    assert "`survey.complete`: households, buildings" in await details(city, city.block)


async def test_page_says_what_the_workflow_is_and_what_each_step_was_for(city: Running) -> None:
    await city.accept(city.programme, extend())
    found = await city.handle(city.programme).describe()
    assert str(city.programme) in str(await found.static_summary())
    assert str(city.programme) in str(await found.static_details())
    kind = EventType.EVENT_TYPE_TIMER_STARTED
    assert any("`finish" in text for text in await summaries(city, city.programme, kind))
    kind = EventType.EVENT_TYPE_MARKER_RECORDED
    assert "extend_programme" in await summaries(city, city.programme, kind)
    notice = f"{city.block}/notice/1"
    await city.accept(notice, open_notice())

    async def performed() -> bool:
        kind = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        return any("post " in text for text in await summaries(city, notice, kind))

    await until(performed)


async def test_server_with_an_attribute_of_somebody_elses_is_left_alone(ledger: Ledger) -> None:
    """`SiwenStage` is a text there, and says something else."""
    client = await connect_temporal(ledger.settings)
    await _without(client)
    text = {STAGE: IndexedValueType.INDEXED_VALUE_TYPE_TEXT}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=text)
    )
    async with running(ledger) as found:
        city = await found.opened()
        await city.accept(city.programme, extend())
        assert UPSERTED not in {e.event_type for e in await events(city, city.programme)}
        assert "`survey`" in await details(city, city.block)


async def test_what_a_server_lacks_is_registered_and_believed_at_the_next_look(
    ledger: Ledger,
) -> None:
    client = await connect_temporal(ledger.settings)
    searching = Searching(client)

    async def looked() -> bool:
        await searching.look()
        return searching.searchable

    assert await looked(), "a new namespace has them"
    await _without(client)
    assert not await looked()
    assert await looked()
    found = await register_search_attributes(client, client.namespace)
    assert (found.added, found.lacking) == ((), ())


async def _without(client: Client) -> None:
    await client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=client.namespace, search_attributes=list(TYPES))
    )
