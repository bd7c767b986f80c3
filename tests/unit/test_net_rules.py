"""Packet rules as text, and the queue's messages: what is added, what is removed, what a listing shows."""

import struct

from faults.actor import late
from faults.net._rules import Chain

ADDED = """*filter
:POLICY-1 - [0:0]
-A POLICY-1 -j DROP
-I INPUT ! -i lo -j POLICY-1
-I OUTPUT ! -o lo -j POLICY-1
COMMIT
"""
LISTED = """*filter
:INPUT ACCEPT [0:0]
:POLICY-1 - [0:0]
:POLICY-12 - [0:0]
-A INPUT -s 10.0.0.1/32 -j ACCEPT
-A INPUT ! -i lo -j POLICY-1
-A INPUT ! -i lo -j POLICY-12
-A OUTPUT ! -o lo -j POLICY-1
-A POLICY-1 -j DROP
-A POLICY-12 -j DROP
COMMIT
"""
REMOVED = """*filter
-D INPUT ! -i lo -j POLICY-1
-D OUTPUT ! -o lo -j POLICY-1
-F POLICY-1
-X POLICY-1
COMMIT
"""
CHAIN = Chain(name="POLICY-1", rules={"4": ("-j DROP",)})


def test_a_chain_is_added_with_what_leads_to_it_and_spares_the_loopback() -> None:
    assert CHAIN.added("4") == ADDED


def test_one_for_the_loopback_says_so() -> None:
    asks = Chain(name="POLICY-1", table="mangle", hooks=("OUTPUT",), loopback=True, rules={"4": ()})
    assert asks.added("4").splitlines()[-2] == "-I OUTPUT -j POLICY-1"


def test_only_what_is_ours_is_removed() -> None:
    assert CHAIN.removed(LISTED) == REMOVED


def test_what_is_left_of_a_chain_is_removed_too() -> None:
    assert CHAIN.removed(":POLICY-1 - [0:0]\n").splitlines()[1:3] == ["-F POLICY-1", "-X POLICY-1"]


def test_where_it_is_not_nothing_is_removed() -> None:
    assert CHAIN.removed(LISTED.replace("POLICY-1\n", "X\n").replace("POLICY-1 ", "X ")) == ""


def test_a_chain_works_while_it_is_reached_and_has_rules() -> None:
    assert CHAIN.works(LISTED)
    assert not CHAIN.works(LISTED.replace(" -j POLICY-1\n", " -j ACCEPT\n"))
    assert not CHAIN.works(LISTED.replace("-A POLICY-1 -j DROP\n", ""))


def test_the_kernels_messages_are_taken_apart() -> None:
    header = late.attribute(late.PACKET_HEADER, struct.pack("!IHB", 4711, 0x0800, 1))
    other = late.attribute(9, b"xyz")
    one = late.message(late.PACKET, 77, other, header)
    found = late.messages(one + one)
    assert [kind for kind, _ in found] == [late.PACKET, late.PACKET]
    assert [late.packet_id(body) for _, body in found] == [4711, 4711]
