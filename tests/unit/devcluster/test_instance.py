import subprocess
import sys
from pathlib import Path

import pytest

from devcluster.errors import DevclusterError
from devcluster.instance import (
    SLOTS,
    Instance,
    all_instances,
    cache_root,
    check_name,
    choose_slot,
    load_instance,
    ports,
    preferred_slot,
)


def make_instance(root: Path = Path("/cache"), *, name: str = "test", slot: int = 7, size: str = "node") -> Instance:
    return Instance(name=name, root=root, slot=slot, size=size)


def test_a_name_prefers_the_same_slot_in_every_process() -> None:
    code = "from devcluster.instance import preferred_slot; print(preferred_slot('demo'))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(said) == preferred_slot("demo")


def test_the_preferred_slot_is_chosen_where_it_is_free() -> None:
    assert choose_slot("demo", set(), lambda _: True) == preferred_slot("demo")


def test_the_next_slot_is_chosen_where_another_instance_has_the_preferred_one() -> None:
    first = preferred_slot("demo")
    assert choose_slot("demo", {first}, lambda _: True) == (first + 1) % SLOTS


def test_a_slot_whose_addresses_are_in_use_is_passed_over() -> None:
    first = preferred_slot("demo")
    assert choose_slot("demo", set(), lambda slot: slot != first) == (first + 1) % SLOTS


def test_no_free_slot_is_an_error_that_names_the_ports() -> None:
    with pytest.raises(DevclusterError, match="ports 21000 to 22999"):
        choose_slot("demo", set(), lambda _: False)


def test_two_slots_share_neither_ports_nor_subnets() -> None:
    one, other = make_instance(slot=7), make_instance(slot=8)
    assert not set(ports(7)) & set(ports(8))
    assert not one.link_subnet.overlaps(other.link_subnet)
    assert not one.pod_subnet.overlaps(other.pod_subnet)
    assert one.host_link != other.host_link


def test_the_name_of_the_cable_fits_into_the_15_characters_of_a_device() -> None:
    assert len(make_instance(slot=SLOTS - 1).host_link) <= 15


def test_every_port_of_the_last_slot_is_below_those_that_the_kernel_gives_away() -> None:
    assert max(ports(SLOTS - 1)) < 32768


@pytest.mark.parametrize("name", ["demo", "t", "test-2", "a" * 30])
def test_a_host_name_is_accepted_as_a_name(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "Demo", "2nd", "a_b", "a-", "../x", "a" * 31, "a\n"])
def test_a_name_that_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(DevclusterError, match="expected up to 30 lower-case letters"):
        check_name(name)


def test_a_saved_instance_is_loaded_as_it_was(tmp_path: Path) -> None:
    instance = make_instance(tmp_path, slot=42, size="control-plane")
    instance.save()
    assert load_instance(tmp_path, "test") == instance
    assert list(all_instances(tmp_path)) == [instance]


@pytest.mark.parametrize("record", ["", "{", "[]", '{"slot": "x", "size": "node"}', "{}"])
def test_a_damaged_record_is_no_instance(tmp_path: Path, record: str) -> None:
    folder = tmp_path / "instances" / "test"
    folder.mkdir(parents=True)
    (folder / "instance.json").write_text(record)
    assert load_instance(tmp_path, "test") is None


def test_the_cache_follows_the_desktop_convention() -> None:
    assert cache_root({"XDG_CACHE_HOME": "/elsewhere"}) == Path("/elsewhere/signal-trading-devcluster")
    assert cache_root({}) == Path.home() / ".cache" / "signal-trading-devcluster"
