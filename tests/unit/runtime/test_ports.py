import socket

import pytest

from runtime.embedded import ports
from runtime.errors import PortInUse


def listening() -> socket.socket:
    taken = socket.socket()
    taken.bind((ports.LOOPBACK, 0))
    taken.listen()
    return taken


def test_a_used_port_is_refused_with_its_number_and_its_setting() -> None:
    with listening() as taken:
        number = taken.getsockname()[1]

        with pytest.raises(PortInUse) as refused:
            ports.choose(number, setting="SIWEN_UI_PORT")

    assert str(number) in str(refused.value)
    assert "SIWEN_UI_PORT" in str(refused.value)


def test_the_port_of_last_time_is_kept_while_it_is_free() -> None:
    with listening() as taken:
        number = taken.getsockname()[1]
        assert ports.choose(0, setting="", before=number) != number

    assert ports.choose(0, setting="", before=number) == number


def test_a_port_asked_for_goes_before_the_one_of_last_time() -> None:
    free = ports.choose(0, setting="")

    assert ports.choose(free, setting="", before=1) == free


@pytest.mark.parametrize(
    ("address", "port"),
    [("127.0.0.1:7233", 7233), ("postgresql://u:p@h:1/", 1), ("http://h", None), (None, None)],
)
def test_a_port_is_read_from_an_address(address: str | None, port: int | None) -> None:
    assert ports.port_of(address) == port
