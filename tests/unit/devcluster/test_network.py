import socket
from ipaddress import IPv4Network

import pytest

from devcluster.instance import ports
from devcluster.network import port_is_free, slot_is_free


@pytest.mark.parametrize(
    "route",
    ["10.213.7.0/30", "10.214.7.0/24", "10.0.0.0/8", "10.214.7.9/32"],
    ids=["cable", "pods", "around", "inside"],
)
def test_a_slot_whose_subnet_the_machine_knows_is_not_free(route: str) -> None:
    assert not slot_is_free(7, [IPv4Network(route)])


def test_a_port_that_someone_listens_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not port_is_free(port)
    assert port_is_free(port)


def test_a_slot_with_one_port_in_use_is_not_free() -> None:
    slot = next(slot for slot in range(150, 200) if slot_is_free(slot, []))
    with socket.create_server(("127.0.0.1", ports(slot)[3])):
        assert not slot_is_free(slot, [])
    assert slot_is_free(slot, [])
