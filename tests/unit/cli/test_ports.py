"""Public ports must be free, private ones are, and none is given twice."""

import itertools
import socket
from collections.abc import Iterator

import pytest

from cli.errors import CannotStart
from cli.ports import FIRST_PRIVATE_PORT, LAST_PRIVATE_PORT, LOOPBACK, is_free, private_ports, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]


def test_a_busy_port_is_refused_by_number_and_setting(taken: int) -> None:
    with pytest.raises(CannotStart, match=rf"port {taken} on 127.0.0.1 is in use: .*LOVELM_PORT"):
        require_free(LOOPBACK, taken, "LOVELM_PORT")


def test_a_port_is_free_once_its_listener_has_gone() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        assert not is_free(LOOPBACK, port)
    assert is_free(LOOPBACK, port)


def test_private_ports_are_free_distinct_and_below_those_of_outgoing_connections() -> None:
    ports = list(itertools.islice(private_ports(), 50))
    assert len(set(ports)) == 50
    assert all(FIRST_PRIVATE_PORT <= port <= LAST_PRIVATE_PORT for port in ports)


def test_private_ports_go_on_from_the_first_after_the_last() -> None:
    ports = itertools.islice(private_ports(start=LAST_PRIVATE_PORT), 2)
    assert all(FIRST_PRIVATE_PORT <= port <= LAST_PRIVATE_PORT for port in ports)


def test_a_private_port_in_use_is_passed_over() -> None:
    first = next(private_ports())
    with socket.create_server((LOOPBACK, first)):
        assert next(private_ports(start=first)) != first


def test_an_address_of_another_machine_is_told_from_a_busy_port() -> None:
    with pytest.raises(CannotStart, match=r"cannot listen on 192\.0\.2\.1: .*LOVELM_BIND"):
        require_free("192.0.2.1", 8080, "LOVELM_PORT")
