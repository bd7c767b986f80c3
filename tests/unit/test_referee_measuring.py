"""The ledger's parts, where one of them cannot be read."""

from pathlib import Path
from typing import Any, cast

import pytest
import requests
from docker.errors import DockerException

from faults.container import Container, Output
from faults.errors import ExecFailed, NoTarget
from faults.redis.server import RedisServer
from lab.referee.database import Database
from lab.referee.errors import SampleError
from lab.referee.measuring import Measuring, Told

STREAM = "orders:placed"
AWAY = Database("host=127.0.0.1 port=1 connect_timeout=1")


class Said:
    """A container whose programs all say the same."""

    name = "redis"

    def __init__(self, text: str) -> None:
        self._text = text

    def exec(self, *_: str, **__: Any) -> Output:
        """What it says."""
        return Output(exit_code=0, text=self._text)


def saying(text: str) -> RedisServer:
    """A server in such a container."""
    return RedisServer(cast("Container", Said(text)), passwords={"admin": "x"}, host="redis")


@pytest.mark.parametrize("text", ["", "Could not connect", '["half'])
def test_an_answer_that_is_no_json_is_an_error_that_names_it(text: str) -> None:
    with pytest.raises(ExecFailed, match="XRANGE was not answered as JSON"):
        saying(text).value("XRANGE", STREAM, "-", "+")


@pytest.mark.parametrize(
    "error",
    [NoTarget("no service redis"), DockerException("no engine"), requests.ConnectionError("refused")],
)
def test_a_server_that_is_not_found_is_no_reading(error: Exception) -> None:
    def gone() -> RedisServer:
        raise error

    with pytest.raises(SampleError, match=str(error)):
        Measuring(AWAY, ledger_path=Path("none"))._follow(Told(stream=STREAM, server=gone))
