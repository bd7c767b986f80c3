"""One running container, and what may be done to it from outside, by the Docker SDK alone."""

import io
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import docker
from docker.errors import APIError, NotFound

from faults.core import Kind
from faults.engine import asked
from faults.errors import ExecFailed, NoTarget, TargetGone
from faults.rebuild import ASIDE, find, rebuild

if TYPE_CHECKING:
    from docker.models.containers import Container as SdkContainer

EXEC_WITHIN_S = 30.0
TIMED_OUT = 124
READ_AT_MOST = 5
PIECE_BYTES = 1024**2
END = "\x1eend\x1e"
TO_THE_END = '"$@" 2>&1; code=$?; printf "\\036end\\036"; exit $code'
"""Says when all is said, in both streams' own order."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a program inside a container wrote, both streams, and how it ended."""

    exit_code: int
    text: str


@dataclass(frozen=True, kw_only=True)
class File:
    """A file inside a container."""

    content: bytes
    mode: int
    uid: int


class _Chunks(io.RawIOBase):
    """What arrives in pieces, as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill as much of the buffer as one piece fills; nothing at the end."""
        self._left = self._left or next(self._chunks, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _nothing(_: str) -> None: ...


class Container:
    """A container that exists; raises TargetGone where it does not (any more).

    *on_act* is told of each thing done, before it is done.
    """

    kind = Kind.CONTAINER

    def __init__(
        self, engine: docker.DockerClient, ident: str, *, on_act: Callable[[str], None] = _nothing
    ) -> None:
        self.engine = engine
        self.on_act = on_act
        self._ident = self.name = ident
        self.name = str(self._sdk().name).removesuffix(ASIDE)
        self._ident = self.name

    def _sdk(self) -> "SdkContainer":
        found = find(self.engine, self._ident) or find(self.engine, self.name + ASIDE)
        if found is None:
            raise TargetGone(f"no container {self._ident}", hint="docker ps shows what runs")
        return found

    @property
    def attrs(self) -> Mapping[str, Any]:
        """What the engine says of it now (`docker inspect`)."""
        return dict(self._sdk().attrs)

    @property
    def id(self) -> str:
        """The engine's id; another one after a rebuild."""
        return str(self._sdk().id)

    @property
    def running(self) -> bool:
        """Whether it runs (paused counts as running)."""
        return bool(self.attrs["State"]["Running"])

    @property
    def started_at(self) -> str:
        """When its process began; another time after any restart."""
        return str(self.attrs["State"]["StartedAt"])

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.attrs["Config"]["Labels"] or {})

    @property
    def networks(self) -> dict[str, Any]:
        """The networks that it is on, by name, with its address on each."""
        return dict(self.attrs["NetworkSettings"]["Networks"])

    @property
    def environment(self) -> dict[str, str]:
        """The environment that it was made with."""
        return dict(pair.split("=", 1) for pair in self.attrs["Config"]["Env"] or [])

    def memory_used_bytes(self) -> int:
        """What its processes have in use: their own memory and what they share, not what files take."""
        with asked(f"measure {self.name}"):
            now: Any = self._sdk().stats(stream=False)
        held = now["memory_stats"]["stats"]  # the names of cgroup v1, or of v2
        own = held["total_rss"] if "total_rss" in held else held["anon"]
        return int(own) + int(held.get("total_mapped_file", held.get("file_mapped", 0)))

    def exec(
        self,
        *argv: str,
        user: str = "",
        environment: Mapping[str, str] | None = None,
        timeout_s: float = EXEC_WITHIN_S,
        check: bool = True,
        reads: bool = False,
    ) -> Output:
        """Run a program inside; raises ExecFailed where it fails, unless *check* is false.

        One that only *reads* is nothing done.
        """
        if not reads:
            self.on_act(f"exec {argv[0]}")
        words = ["timeout", "-k", "1", f"{timeout_s:g}", *argv]
        run = partial(self._run, user=user, environment=dict(environment or {}))
        output = self._whole(words, run) if reads else run(words)
        if check and output.exit_code:
            why = f"not done in {timeout_s:g} s" if output.exit_code == TIMED_OUT else output.text.strip()
            raise ExecFailed(f"{self.name}: {' '.join(argv)[:200]}: exit {output.exit_code}: {why[-600:]}")
        return output

    def _run(self, words: Sequence[str], *, user: str, environment: dict[str, str]) -> Output:
        with asked(f"{self.name}: run {words[4]}"):
            try:
                code, said = self._sdk().exec_run(list(words), user=user, environment=environment)
            except APIError as error:
                raise ExecFailed(
                    f"{self.name}: {words[4]} could not be run: {error.explanation or error}"
                ) from None
        return Output(
            exit_code=code or 0, text=said.decode(errors="replace") if isinstance(said, bytes) else ""
        )

    def _whole(self, words: Sequence[str], run: Callable[[Sequence[str]], Output]) -> Output:
        """All that a program prints that may be run again: a busy engine now and then loses the end."""
        for _ in range(READ_AT_MOST):
            output = run([*words[:4], "sh", "-c", TO_THE_END, "sh", *words[4:]])
            if output.exit_code == TIMED_OUT:
                return output
            text, end, _ = output.text.rpartition(END)
            if end:
                return replace(output, text=text)
        raise ExecFailed(f"{self.name}: {words[4]}: its output broke off {READ_AT_MOST} times")

    def read_file(self, path: str, *, at: int = 0, length: int = -1) -> File:
        """One file from inside, or a part of it, whether it runs or not; NoTarget where there is none.

        What lies before the part passes by, and what comes after it is not asked for.
        """
        with asked(f"{self.name}: read {path}"):
            try:
                chunks, _ = self._sdk().get_archive(path)
            except NotFound:
                raise NoTarget(f"{self.name} has no file {path}") from None
            with io.BufferedReader(_Chunks(chunks)) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
                entry = tar.next()
                content = tar.extractfile(entry) if entry and entry.isfile() else None
                if entry is None or content is None:
                    raise NoTarget(f"{self.name}: {path} is not a file")
                for left in range(at, 0, -PIECE_BYTES):  # what arrives in pieces cannot be sought in
                    content.read(min(left, PIECE_BYTES))
                return File(content=content.read(length), mode=entry.mode, uid=entry.uid)

    def write_file(self, path: str, content: bytes, *, mode: int = 0o644, uid: int = 0) -> None:
        """Put one small file inside."""
        self.on_act(f"write {path}")
        folder, _, base = path.rpartition("/")
        pack = io.BytesIO()
        with tarfile.open(fileobj=pack, mode="w") as tar:
            entry = tarfile.TarInfo(base)
            entry.size, entry.mode, entry.uid, entry.mtime = len(content), mode, uid, int(time.time())
            tar.addfile(entry, io.BytesIO(content))
        with asked(f"{self.name}: write {path}"):
            self._sdk().put_archive(folder or "/", pack.getvalue())

    def act(self, verb: str, **options: Any) -> None:
        """One verb of the engine: pause, unpause, kill, start, stop, restart, update."""
        self.on_act(verb)
        with asked(f"{verb} {self.name}"):
            getattr(self._sdk(), verb)(**options)

    def update(self, **settings: Any) -> None:
        """Change limits or the restart policy, by the engine's names (NanoCpus, Memory, RestartPolicy, …).

        The SDK knows only some of them.
        """
        self.on_act("update")
        api = self.engine.api
        url = f"{api.base_url}/v{api.api_version}/containers/{self.id}/update"
        with asked(f"{self.name}: set {settings}"):
            said = api.post(url, json=settings, timeout=EXEC_WITHIN_S)
        if not said.ok:
            raise ExecFailed(f"{self.name}: {settings} could not be set: {said.text.strip()}")

    def rebuild(self) -> None:
        """Make it anew from its image, as it was made first; whatever it had written is gone."""
        self.on_act("rebuild")
        rebuild(self.engine, self.name)
