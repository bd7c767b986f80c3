"""Run somebody's fix in the toolbox as the trainee, and leave nothing of it running."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from faults.errors import NotReached
from faults.wait import until
from lab.engine.capped import Capped, Ending, run_capped
from lab.engine.runner import Runner
from lab.errors import StackNotReady
from lab.stack.containers import Labelled, Thing
from lab.stack.submission import START, File, Submission

USER = "trainee"
MAX_OUTPUT_BYTES = 1024 * 1024

RECEIVE = 'f=$(mktemp /tmp/fix.XXXXXX) && base64 -d >"$f" && chmod 700 "$f" && echo "$f"'
"""The toolbox's half of the copy; over standard input, so that no mount and no archive is needed."""

UNPACK = (
    'd=$(mktemp -d /tmp/submission.XXXXXX) && base64 -d | tar -x --no-same-owner -f - -C "$d" && echo "$d"'
)
"""The same for a folder: unpacked by the trainee, with a trainee's rights."""


ONE_STREAM = ("sh", "-c", 'exec "$@" 2>&1', "fix")
"""Both streams in one, there and not here: the engine carries them apart, and their order would be lost."""


@dataclass(frozen=True, kw_only=True)
class FixRun:
    """What became of a fix; *restarted* says that it left processes behind, which were ended."""

    capped: Capped
    restarted: bool

    @property
    def ok(self) -> bool:
        """Whether it ended by itself, with 0, and left nothing."""
        return self.capped.exit_code == 0 and not self.restarted

    def said(self) -> str:
        """How it went, in one sentence."""
        took = f"after {self.capped.took_s:.0f} s"
        how = {
            Ending.EXITED: f"the fix ended with exit code {self.capped.exit_code} {took}",
            Ending.TIMED_OUT: f"the fix was still running {took}: ended",
            Ending.FLOODED: f"the fix wrote more than {MAX_OUTPUT_BYTES // 1024} KiB: ended {took}",
        }[self.capped.ending]
        return how + ("; it left processes running: the toolbox was restarted" if self.restarted else "")


@dataclass(frozen=True, kw_only=True)
class Toolbox:
    """The toolbox of one lab."""

    runner: Runner
    lab: str

    def container(self) -> Thing:
        """Its container; StackNotReady where it does not run."""
        found = Labelled(runner=self.runner).container_of(self.lab, "toolbox")
        if found is None or not found.running:
            raise StackNotReady(
                f"the toolbox of lab {self.lab} does not run", hint="lab doctor, or lab reset"
            )
        return found

    def run(self, fix: File, *, limit_s: float, sink: Callable[[bytes], None]) -> FixRun:
        """Copy *fix* in, run it for at most *limit_s*, and end whatever it left."""
        packed = base64.b64encode(fix.content).decode()

        def words(toolbox: Thing) -> list[str]:
            path = self._copy(toolbox, RECEIVE, packed, fix.path)
            return [toolbox.id, *ONE_STREAM, *_how(fix.content), path]

        return self._run(words, limit_s=limit_s, sink=sink)

    def run_submission(
        self, submission: Submission, *, limit_s: float, sink: Callable[[bytes], None]
    ) -> FixRun:
        """Copy a folder in and run its `fix.sh` there, within the same limits."""

        def words(toolbox: Thing) -> list[str]:
            folder = self._copy(toolbox, UNPACK, submission.packed(), "the submission")
            return [
                "--workdir",
                folder,
                toolbox.id,
                *ONE_STREAM,
                *_how(submission.start.content),
                f"./{START}",
            ]

        return self._run(words, limit_s=limit_s, sink=sink)

    def _run(
        self, words: Callable[[Thing], list[str]], *, limit_s: float, sink: Callable[[bytes], None]
    ) -> FixRun:
        """Run what *words* copied in as the trainee."""
        toolbox = self.container()
        before = self._processes(toolbox)
        argv = ["docker", "exec", "--user", USER, *words(toolbox)]
        try:
            capped = run_capped(argv, timeout_s=limit_s, max_bytes=MAX_OUTPUT_BYTES, sink=sink)
        finally:
            restarted = self._end_others(toolbox, before)
        return FixRun(capped=capped, restarted=restarted)

    def _copy(self, toolbox: Thing, receive: str, packed: str, what: str) -> str:
        argv = ["docker", "exec", "--interactive", "--user", USER, toolbox.id, "sh", "-c", receive]
        output = self.runner.run(argv, stdin=packed)
        if not output.ok:
            raise StackNotReady(f"{what} could not be copied into the toolbox: {output.last_line()}")
        return output.text.strip()

    def _processes(self, toolbox: Thing) -> frozenset[str]:
        """The process ids of the toolbox, as the engine's host counts them."""
        output = self.runner.run(["docker", "top", toolbox.id, "-eo", "pid"])
        return frozenset(output.text.split()[1:])

    def _only(self, toolbox: Thing, before: frozenset[str]) -> bool:
        """Whether all that is not of *before* ends within a second: a health check may just be passing by."""

        def alone() -> bool | None:
            return True if self._processes(toolbox) <= before else None

        try:
            return until(alone, what="the fix's processes gone", timeout_s=1.0)
        except NotReached:
            return False

    def _end_others(self, toolbox: Thing, before: frozenset[str]) -> bool:
        """Restart the toolbox if anything runs there that did not before; says whether it had to.

        A restart ends even what forks faster than it could be killed one by one.
        """
        if self._only(toolbox, before):
            return False
        output = self.runner.run(["docker", "restart", "--time", "0", toolbox.id], timeout_s=60)
        if not output.ok:
            raise StackNotReady(f"the toolbox could not be restarted after the fix: {output.last_line()}")
        return True


def _how(content: bytes) -> tuple[str, ...]:
    """A file that names its interpreter is run by it, any other by bash."""
    return () if content.startswith((b"#!", b"\x7fELF")) else ("bash",)
