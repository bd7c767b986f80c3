"""What of Redis's MONITOR is the trainee's."""

import pytest

from lab.referee.samplers.redis_acts import AT_ONCE, RedisActs
from lab.referee.samplers.redis_line import Act, act
from lab.referee.samplers.redis_server import RedisServer

T = 1795314406.119042
HEAD = "+1795314406.119042 [0 {host}:41234] "


def line(words: str, *, host: str = "10.0.0.7") -> str:
    """A line as the server writes it."""
    return HEAD.format(host=host) + words + "\r\n"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (line('"FLUSHALL"'), "FLUSHALL"),
        (line('"pexpire" "session:x" "1"'), "pexpire session:x 1"),
        (line('"set" "session:x" "two words"'), 'set session:x "two words"'),
        (line(r'"set" "a" "say \"no\" \x00\n"'), r'set a "say \"no\" \x00\n"'),
        (line('"del" ""'), 'del ""'),
        (line('"AUTH" "oncall" "secret"'), None),
        (line('"hello" "3" "AUTH" "oncall" "secret"'), None),
        (line('"CLIENT" "UNBLOCK" "7"'), "CLIENT UNBLOCK 7"),
        (line('"get" "session:x"', host="10.0.0.8"), None),
        (line('"get" "a [0 10.0.0.7:1] b"', host="10.0.0.8"), None),
        (line('"get" "a"', host="110.0.0.7"), None),
        ('+1795314406.119042 [0 lua] "get" "10.0.0.7:1"', None),
        (line('"COMMAND" "DOCS"'), None),
        (line('"CLIENT" "SETINFO" "LIB-NAME" "x"'), None),
        (line('"PING"'), None),
        ("+OK", None),
    ],
)
def test_the_trainees_commands_are_those_from_the_toolbox(said: str, text: str | None) -> None:
    """Whatever else names its address; what clients say by themselves is left out, and passwords with it."""
    assert act(said, toolbox="10.0.0.7") == (None if text is None else Act(t=T, text=text))


def test_a_loop_is_cut_short() -> None:
    """A thousand deletions are one thing that a person did."""
    acts = RedisActs(RedisServer(host="redis", port=6379, user="referee", password="x"))
    acts.toolbox = "10.0.0.7"
    for n in range(1000):
        acts._take(line(f'"del" "k{n}"').encode())
    found = acts.acts()
    assert [one.text for one in found[:AT_ONCE]] == [f"del k{n}" for n in range(AT_ONCE)]
    assert [one.text for one in found[AT_ONCE:]] == ["… and 980 more, the last: del k999"]
    assert acts.acts() == []
