"""How a program that was run in a pod ended, as far as the engine knows."""

from typing import Any

import pytest

from lab.referee.cluster.exec import _exit_code, ended


class Engine:
    """Says the same of a program whenever it is asked."""

    def __init__(self, state: dict[str, Any]) -> None:
        self._state = state

    def exec_inspect(self, _: str) -> dict[str, Any]:
        return self._state


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"Running": False, "ExitCode": 0}, 0),
        ({"Running": False, "ExitCode": 3}, 3),
        ({"Running": False, "ExitCode": None}, None),
        ({"Running": True, "ExitCode": None}, None),
    ],
)
def test_a_program_of_which_nothing_is_known_did_not_succeed(state: dict[str, Any], code: int | None) -> None:
    found = _exit_code(Engine(state), "x", wait_s=0.1)  # type: ignore[arg-type]
    assert found == code
    assert (ended(found)["status"] == "Success") is (code == 0)
