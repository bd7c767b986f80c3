"""`kubectl exec`: a WebSocket on one side, a program in a container on the other."""

import asyncio
import json
import re
import socket as sockets
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import docker
import requests
from docker.errors import DockerException
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

STDIN, STDOUT, STDERR, STATUS, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
CHUNK = 32 * 1024
POLL_S, WAIT_S = 0.02, 5.0
# What is written down where no exit code is known: as of a program that was killed.
UNKNOWN = 137

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is run, where, as whom, with which variables."""

    container: str
    command: Sequence[str]
    user: str
    environment: Mapping[str, str] = field(default_factory=dict)
    tty: bool = False
    stdin: bool = False


SUCCESS: Json = {"status": "Success", "metadata": {}}


def ended(code: int | None) -> Json:
    """The Status of a program that ended; None: nobody knows how."""
    if code is None:
        return failed("the streams of the program have ended, and the engine does not know its exit code")
    if code == 0:
        return SUCCESS
    return {
        "status": "Failure",
        "reason": "NonZeroExitCode",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
        "metadata": {},
    }


def failed(message: str) -> Json:
    """The Status of a program that could not be run."""
    return {"status": "Failure", "reason": "InternalError", "message": message, "code": 500, "metadata": {}}


async def run(api: docker.APIClient, program: Program, client: WebSocket) -> int | None:
    """Run *program* with its streams on *client*; its exit code, None where the client left first."""
    try:
        ident, answer = await run_in_threadpool(_begin, api, program)
    except (DockerException, requests.RequestException) as error:
        await status(client, failed(f"cannot run {' '.join(program.command)[:80]}: {error}"))
        return None
    stream = _Stream(answer, tty=program.tty)
    reading = asyncio.create_task(_pump_in(api, ident, stream, client))
    try:
        await _pump_out(stream, client)
        code = await run_in_threadpool(_exit_code, api, ident)
        await status(client, ended(code))
    except (WebSocketDisconnect, RuntimeError):
        return None
    finally:
        reading.cancel()
        stream.close()
    return UNKNOWN if code is None else code


def _begin(api: docker.APIClient, program: Program) -> tuple[str, Any]:
    made = api.exec_create(
        program.container,
        list(program.command),
        stdin=program.stdin,
        tty=program.tty,
        user=program.user,
        environment=dict(program.environment),
    )
    return str(made["Id"]), api.exec_start(made["Id"], tty=program.tty, socket=True)


def _exit_code(api: docker.APIClient, ident: str, *, wait_s: float = WAIT_S) -> int | None:
    """How the program ended; None where the engine does not know."""
    for _ in range(int(wait_s / POLL_S)):
        state = api.exec_inspect(ident)
        if not state["Running"]:
            return None if state["ExitCode"] is None else int(state["ExitCode"])
        time.sleep(POLL_S)  # the engine notices a moment after the streams have ended
    return None


class _Stream:
    """The engine's end: raw bytes on a terminal, frames with a header otherwise."""

    def __init__(self, answer: Any, *, tty: bool) -> None:
        self._answer = answer
        self._raw: sockets.socket = answer._sock  # noqa: SLF001 - the SDK offers no other way to it
        self._raw.setblocking(False)
        self._tty = tty
        self._rest = b""

    async def read(self) -> list[tuple[int, bytes]] | None:
        """The next pieces, each with its channel; None at the end."""
        loop = asyncio.get_running_loop()
        data = await loop.sock_recv(self._raw, CHUNK)
        if not data:
            return None
        if self._tty:
            return [(STDOUT, data)]
        self._rest += data
        return list(self._frames())

    def _frames(self) -> list[tuple[int, bytes]]:
        found = []
        while len(self._rest) >= 8:
            channel, length = self._rest[0], struct.unpack(">I", self._rest[4:8])[0]
            if len(self._rest) < 8 + length:
                break
            found.append((channel, self._rest[8 : 8 + length]))
            self._rest = self._rest[8 + length :]
        return found

    async def write(self, data: bytes) -> None:
        """Give the program input."""
        await asyncio.get_running_loop().sock_sendall(self._raw, data)

    def end_input(self) -> None:
        """There is no more input."""
        self._raw.shutdown(sockets.SHUT_WR)

    def close(self) -> None:
        """Let go; a shell on a terminal is hung up."""
        if response := getattr(self._answer, "_response", None):  # the SDK keeps it so that it lives as long
            response.close()  # first: it cannot be closed once what it reads from is
        self._answer.close()
        self._raw.close()


async def _pump_out(stream: _Stream, client: WebSocket) -> None:
    while (pieces := await stream.read()) is not None:
        for channel, data in pieces:
            await client.send_bytes(bytes([channel]) + data)


async def _pump_in(api: docker.APIClient, ident: str, stream: _Stream, client: WebSocket) -> None:
    """What the client sends, until it leaves."""
    try:
        while True:
            message = await client.receive()
            if message["type"] != "websocket.receive":
                stream.close()
                return
            data = message.get("bytes") or (message.get("text") or "").encode()
            if data:
                await _take(api, ident, stream, data[0], data[1:])
    except OSError:
        return


async def _take(api: docker.APIClient, ident: str, stream: _Stream, channel: int, data: bytes) -> None:
    if channel == STDIN and data:
        await stream.write(data)
    elif channel == CLOSE and data[:1] == bytes([STDIN]):
        stream.end_input()
    elif channel == RESIZE and (size := _size(data)):
        await run_in_threadpool(api.exec_resize, ident, *size)


def _size(data: bytes) -> tuple[int, int] | None:
    """Height and width of a terminal; None where they make no sense."""
    try:
        asked = json.loads(data)
        height, width = int(asked["Height"]), int(asked["Width"])
    except (ValueError, KeyError, TypeError):
        return None
    return (height, width) if 0 < height < 1000 and 0 < width < 1000 else None


async def status(client: WebSocket, said: Json) -> None:
    """Say how it ended, and close."""
    await client.send_bytes(bytes([STATUS]) + json.dumps(said).encode())
    await client.close(1000)


def cleaned(names: Sequence[str]) -> dict[str, str]:
    """Overrides that take a container's own secrets out of sight of what is run in it."""
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|_PASS$|_URL$")
    return {name: "" for name in names if secret.search(name)}
