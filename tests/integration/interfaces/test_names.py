"""Streams are found by what people call them, never a wrong one."""

import pytest

from interfaces.desk.errors import AmbiguousName, UnknownName
from interfaces.desk.names.names import meant, resolve
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, open_block, open_notice, opening


async def test_a_block_is_found_by_its_name_alias_and_slug(city: Ledger) -> None:
    for called in ("临河里", BLOCK, "linhe", f"{PROGRAMME}/临河里", " 临河里 ", "临河里/"):
        assert await resolve(city.pool, called) == BLOCK


async def test_what_lies_below_is_found_by_chinese_words_too(city: Ledger) -> None:
    await city.accept(f"{BLOCK}/notice/1", open_notice())
    for called in ("临河里/notice/1", "临河里/公示/1", "linhe/公示/1"):
        assert await resolve(city.pool, called) == f"{BLOCK}/notice/1"


async def test_new_means_the_next_free_number(city: Ledger) -> None:
    assert (await meant(city.pool, "临河里/公示/new")).stream == f"{BLOCK}/notice/1"
    for number in (1, 2, 10):
        await city.accept(f"{BLOCK}/notice/{number}", open_notice())
    assert (await meant(city.pool, "临河里/公示/new")).stream == f"{BLOCK}/notice/11"


async def test_numbers_keep_the_width_of_those_before(city: Ledger) -> None:
    offer = {
        "type": "open_household",
        "building": "b1",
        "area": 6000,
    }
    await city.accept(f"{BLOCK}/household/007", offer)
    assert (await meant(city.pool, "临河里/户/new")).stream == f"{BLOCK}/household/008"


async def test_a_name_in_two_programmes_is_asked_back(city: Ledger) -> None:
    await city.accept("liupu-2027", opening(name="六浦2027"))
    await city.accept("liupu-2027/linhe", open_block("临河里"))
    with pytest.raises(AmbiguousName) as told:
        await resolve(city.pool, "临河里")
    assert set(told.value.candidates) == {BLOCK, "liupu-2027/linhe"}
    assert await resolve(city.pool, "六浦2027/临河里") == "liupu-2027/linhe"


@pytest.mark.parametrize("called", ["临河", "linhee", "liupu-2026/linha"])
async def test_an_unknown_name_is_answered_with_those_that_are_near(
    city: Ledger, called: str
) -> None:
    with pytest.raises(UnknownName) as told:
        await resolve(city.pool, called)
    assert told.value.near


@pytest.mark.parametrize(
    "called",
    ["", "/", "不存在", "临河里/notice/9", "a//b", "x" * 500, "临河里/nosuchkind/1", "%", "_"],
)
async def test_what_names_nothing_is_no_stream(city: Ledger, called: str) -> None:
    with pytest.raises(UnknownName):
        await resolve(city.pool, called)


async def test_a_block_that_is_not_there_is_no_place_for_a_notice(city: Ledger) -> None:
    with pytest.raises(UnknownName):
        await meant(city.pool, f"{PROGRAMME}/nosuch/notice/1")


async def test_a_new_block_may_be_named_below_its_programme(city: Ledger) -> None:
    found = (await meant(city.pool, f"{PROGRAMME}/new-one")).stream
    assert found == f"{PROGRAMME}/new-one"
