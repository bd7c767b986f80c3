"""Ports and disk: what is taken gives way or is named, what is too little is said."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import DiskFull, PortTaken
from lab.stack import disk, ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody really listens on."""
    with socket.socket() as listener:
        listener.bind((ports.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_usual_ports_are_taken_when_free() -> None:
    chosen = ports.choose({}, free=lambda _: True)
    assert (chosen.ports["shop"], chosen.ports["prometheus"]) == (8080, 9090)
    assert chosen.notes == ()
    assert chosen.ports["referee"] > 1023


def test_a_usual_port_that_is_taken_gives_way_and_says_so() -> None:
    chosen = ports.choose({}, free=lambda port: port != 8080)
    assert chosen.ports["shop"] == 8081
    assert chosen.notes == ("port 8080 is taken: shop is at 8081",)


def test_a_port_asked_for_by_number_is_that_one_or_an_error_that_names_it(taken: int) -> None:
    assert not ports.is_free(taken)
    with pytest.raises(PortTaken, match=f"port {taken} for shop is taken") as caught:
        ports.choose({"shop": taken})
    assert "--shop-port" in caught.value.hint
    free = ports.any_free()
    assert ports.choose({"shop": free}).ports["shop"] == free


def test_a_port_that_another_lab_was_given_is_not_given_again() -> None:
    chosen = ports.choose({}, reserved=(8080, 8081), free=lambda _: True)
    assert chosen.ports["shop"] == 8082
    with pytest.raises(PortTaken):
        ports.choose({"shop": 8081}, reserved=(8081,), free=lambda _: True)


def test_the_same_port_is_never_given_twice() -> None:
    chosen = ports.choose({"shop": 9090}, free=lambda _: True)
    assert chosen.ports["prometheus"] == 9091


def test_no_free_port_is_said() -> None:
    with pytest.raises(PortTaken, match="no free port between 8080 and"):
        ports.choose({}, free=lambda _: False)


@pytest.mark.parametrize(
    ("gib", "building", "enough"),
    [(3.9, True, False), (4.1, True, True), (3.9, False, True), (0.9, False, False)],
)
def test_room_is_needed_by_what_there_is_to_do(gib: float, building: bool, enough: bool) -> None:
    def free(_: Path) -> int:
        return int(gib * disk.GIB)

    if enough:
        assert disk.check((Path("/data"),), building=building, free=free) == free(Path())
        return
    with pytest.raises(DiskFull, match=rf"/data has {gib} GiB free") as caught:
        disk.check((Path("/data"),), building=building, free=free)
    assert "docker" in caught.value.hint


def test_the_fullest_place_decides() -> None:
    free = {Path("/a"): 50 * disk.GIB, Path("/b"): disk.GIB // 2}
    with pytest.raises(DiskFull, match=r"/b has 0\.5 GiB"):
        disk.check((Path("/a"), Path("/b")), building=False, free=free.__getitem__)


def test_a_place_that_is_not_there_yet_is_measured_where_it_will_be(tmp_path: Path) -> None:
    assert disk.free_bytes(tmp_path / "not" / "yet") > 0
