"""A Redis server as a fault sees it: the administrator's commands from inside it, logins for actors."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from faults.actors import Login
from faults.container import Container, Output
from faults.core import Kind
from faults.errors import ExecFailed, NoTarget

PORT = 6379
ADMIN = "admin"
CHUNK_BYTES = 100_000
"""Linux takes no longer argument than 128 KiB."""


class RedisServer:
    """One server; *passwords* by user."""

    kind = Kind.REDIS

    def __init__(self, container: Container, *, passwords: Mapping[str, str], host: str) -> None:
        self.container = container
        self._host = host
        self._passwords = dict(passwords)

    @property
    def name(self) -> str:
        """The container's name."""
        return self.container.name

    @property
    def started_at(self) -> str:
        """When the container began."""
        return self.container.started_at

    def password(self, user: str) -> str:
        """A user's password; NoTarget where it is not known."""
        if user not in self._passwords:
            known = ", ".join(sorted(self._passwords)) or "none"
            raise NoTarget(f"{self.name}: no password is known for user {user}; known: {known}")
        return self._passwords[user]

    def login(self, user: str) -> Login:
        """How an actor signs in as *user*."""
        return Login(driver="redis", host=self._host, port=PORT, user=user, password=self.password(user))

    def answer(self, *command: str, flag: str = "-e", check: bool = False, reads: bool = False) -> Output:
        """What the server says to a command: exit code 1 where it is an error."""
        return self._inside("redis-cli", "--user", ADMIN, "-e", flag, *command, check=check, reads=reads)

    def run(self, *command: str) -> str:
        """The answer to a command as plain text; raises ExecFailed where it is an error."""
        return self.answer(*command, check=True).text.rstrip("\n")

    def value(self, *command: str) -> Any:
        """The answer to a command that only reads, as lists, maps, texts and numbers."""
        text = self.answer(*command, flag="--json", check=True, reads=True).text
        try:
            return json.loads(text)
        except ValueError as error:
            raise ExecFailed(f"{self.name}: {command[0]} was not answered as JSON: {text[:200]!r}") from error

    def replies(self, lines: Sequence[str]) -> list[str]:
        """One short reply for each command line, in Redis's own quoting, sent by one client."""
        said: list[str] = []
        for chunk in _chunks(lines):
            text = self.script('printf "%s\\n" "$1" | redis-cli --user admin --no-raw', "\n".join(chunk))
            said += [line for line in text.splitlines() if line]
        if len(said) != len(lines):
            raise ExecFailed(f"{self.name}: {len(lines)} commands, {len(said)} replies: {said[-1:]}")
        return said

    def script(self, text: str, *arguments: str) -> str:
        """What a shell script inside prints; its redis-cli needs no password."""
        return self._inside("sh", "-c", text, "sh", *arguments).text

    def info(self, section: str) -> dict[str, str]:
        """A section of INFO."""
        text = self.answer("INFO", section, check=True, reads=True).text
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    def now_ms(self) -> int:
        """The time on its own clock."""
        seconds, microseconds = self.value("TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000

    def settings(self, *names: str) -> dict[str, str]:
        """What CONFIG GET says of these."""
        return dict(self.value("CONFIG", "GET", *names))

    def clients(self) -> list[dict[str, str]]:
        """The sessions that the server knows of."""
        lines = self.answer("CLIENT", "LIST", check=True, reads=True).text.splitlines()
        return [dict(pair.split("=", 1) for pair in line.split() if "=" in pair) for line in lines]

    def addresses_of(self, program: str) -> list[str]:
        """Where the sessions of that client name come from, one for each."""
        mine = (client["addr"] for client in self.clients() if client.get("name") == program)
        return [one.rpartition(":")[0].strip("[]") for one in mine]

    def _inside(self, *argv: str, check: bool = True, reads: bool = False) -> Output:
        secret = {"REDISCLI_AUTH": self.password(ADMIN)}
        return self.container.exec(*argv, environment=secret, check=check, reads=reads, timeout_s=60)


def _chunks(lines: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for line in lines:
        if chunk and size + len(line) >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line) + 1
    if chunk:
        yield chunk
