"""The balancer, steered by HAProxy's runtime API over its admin socket."""

import csv
import io
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.referee.errors import BalancerError

# A check each second: out after three failures, in again after one success. Dynamic servers take no defaults.
OPTIONS = "check inter 1s fall 3 rise 1 maxconn 200"


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server of the backend as the balancer sees it. *up*: it is sent requests."""

    name: str
    address: str
    status: str
    sessions: int

    @property
    def up(self) -> bool:
        """Whether new requests go there."""
        return self.status.startswith("UP")

    @property
    def taken_out(self) -> bool:
        """Whether somebody took it out on purpose."""
        return self.status.startswith(("DRAIN", "MAINT"))


class Balancer(Protocol):
    """What the pod controller asks of a balancer."""

    def servers(self) -> dict[str, Server]: ...
    def add(self, name: str, address: str) -> None: ...
    def drain(self, name: str) -> None: ...
    def resume(self, name: str) -> None: ...
    def remove(self, name: str) -> None: ...


class HAProxy:
    """HAProxy's admin socket. One connection per command: the balancer may restart at any time."""

    def __init__(self, path: Path, *, backend: str = "api", timeout_s: float = 3.0) -> None:
        self._path = path
        self._backend = backend
        self._timeout_s = timeout_s

    def servers(self) -> dict[str, Server]:
        """All servers of the backend, by name."""
        table = self._say(f"show stat {self._backend} 4 -1").lstrip("# ")
        rows = csv.DictReader(io.StringIO(table))
        return {
            row["svname"]: Server(
                name=row["svname"], address=row["addr"], status=row["status"], sessions=int(row["scur"] or 0)
            )
            for row in rows
        }

    def add(self, name: str, address: str) -> None:
        """Add a server and send it requests."""
        self._want(f"add server {self._backend}/{name} {address} {OPTIONS}", "New server registered.")
        self._say(f"enable health {self._backend}/{name}; enable server {self._backend}/{name}")

    def drain(self, name: str) -> None:
        """Send no new requests, let the open ones end."""
        self._want(f"set server {self._backend}/{name} state drain", "")

    def resume(self, name: str) -> None:
        """Send requests again to a server that was drained."""
        self._want(f"set server {self._backend}/{name} state ready", "")

    def remove(self, name: str) -> None:
        """Take a server out altogether. Removing what is gone is no error."""
        server = f"{self._backend}/{name}"
        answer = self._say(
            f"set server {server} state maint; shutdown sessions server {server}; "
            f"wait 1s srv-removable {server}; del server {server}"
        )
        if "Server deleted." not in answer and "No such server" not in answer:
            raise BalancerError(f"the balancer kept {name}: {answer.strip() or 'no answer'}")

    def _want(self, command: str, wanted: str) -> None:
        answer = self._say(command).strip()
        if answer != wanted:
            raise BalancerError(f"the balancer said {answer!r} to {command!r}")

    def _say(self, command: str) -> str:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(self._timeout_s)
                connection.connect(str(self._path))
                connection.sendall(f"{command}\n".encode())
                parts = []
                while part := connection.recv(65536):
                    parts.append(part)
        except OSError as error:
            raise BalancerError(f"no answer on the balancer's socket {self._path}: {error}") from error
        return b"".join(parts).decode(errors="replace")
