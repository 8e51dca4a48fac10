"""`siwen migrate` on a Temporal of your own: what its lists take is registered, or said."""

import json

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.client import Client

from domain.search import DUE, STAGE
from interfaces.cli import exits
from runtime.connect import stack_facts
from runtime.search_attributes import TYPES
from runtime.temporal import connect_temporal
from tests.integration.interfaces.conftest import Call
from tests.integration.interfaces.test_cli import said
from tests.support.ledgers import Ledger


@pytest.fixture
async def client(city: Ledger, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Name the servers as somebody else's, and give a client of the ledger's namespace."""
    client = await connect_temporal(city.settings)
    address = stack_facts(city.settings).temporal_address
    assert address is not None
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", client.namespace)
    monkeypatch.setenv("SIWEN_DATABASE_URL", city.url)
    return client


async def test_migrate_registers_what_the_lists_of_your_own_temporal_lack(
    client: Client, cli: Call
) -> None:
    await client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=client.namespace, search_attributes=list(TYPES))
    )
    for added in (list(TYPES), []):
        found = await said(cli, "migrate", "--json")
        assert found.code == exits.OK, found.err
        told = json.loads(found.out)["search_attributes"]
        assert (told["added"], told["lacking"]) == (added, [])
    assert "可按阶段查找" in (await said(cli, "migrate")).out


async def test_migrate_says_what_it_may_not_register(client: Client, cli: Call) -> None:
    operator = client.operator_service
    await operator.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=client.namespace, search_attributes=[STAGE, DUE])
    )
    text = {STAGE: IndexedValueType.INDEXED_VALUE_TYPE_TEXT}
    await operator.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=text)
    )
    chinese = await said(cli, "migrate")
    assert chinese.code == exits.OK
    assert "SiwenStage" in chinese.out
    assert "SiwenDue" not in chinese.out
    english = await said(cli, "migrate", lang="en")
    assert "somebody who may register the search attributes SiwenStage" in english.out
