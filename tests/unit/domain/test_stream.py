"""Which names lead to a kind of stream, and which are kept free."""

import pytest

from domain.terms.stream import BadStreamName, kind_of, stream_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("liupu-2026", "programme"),
        ("liupu-2026/linhe", "block"),
        ("liupu-2026/linhe/notice/1", "notice"),
        ("liupu-2026/linhe/upkeep", "upkeep"),
        ("liupu-2026/linhe/consultation/1/opinion/017", "opinion"),
    ],
)
def test_the_kind_follows_from_the_name(name: str, kind: str) -> None:
    assert kind_of(stream_name(name)) == kind


@pytest.mark.parametrize(
    "name", ["ledger", "ledger/heads", "ledger/log-1", "ledger/heads/notice/1", "notice/linhe"]
)
def test_no_command_reaches_the_streams_of_the_ledger_itself(name: str) -> None:
    with pytest.raises(BadStreamName):
        stream_name(name)
