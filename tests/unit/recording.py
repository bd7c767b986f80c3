"""A runner that runs nothing: it writes down what was asked, and answers as a test wants it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab.engine.runner import NOT_FOUND, OnLine, Output

OK = Output(exit_code=0, text="")
MISSING = Output(exit_code=NOT_FOUND, text="", error_text="no such program")

Answer = Output | Callable[[], Output]


class RecordingRunner:
    """Answers by the longest prefix of the command line that a test has set; 0 and no words otherwise."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]] | None = None) -> None:
        self.calls: list[list[str]] = []
        self.inputs: dict[str, str] = {}
        self.detached: list[tuple[list[str], Path]] = []
        self.stopped = False
        self._answers = dict(answers or {})

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = 60.0,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Output:
        """Write the call down and answer it."""
        self.calls.append(list(argv))
        if stdin is not None:
            self.inputs[" ".join(argv)] = stdin
        return self._answer(" ".join(argv))

    def watch(
        self,
        argv: Sequence[str],
        *,
        on_line: OnLine,
        timeout_s: float,
        first_line_s: float | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Output:
        """The same, line by line."""
        output = self.run(argv, timeout_s=timeout_s, env=env)
        for line in output.text.splitlines():
            on_line(line)
        return output

    def detach(self, argv: Sequence[str], *, log: Path) -> int:
        """Write down what would have been started."""
        self.detached.append((list(argv), log))
        return 4242

    def stop(self) -> None:
        """Remember it."""
        self.stopped = True

    def resume(self) -> None:
        """Forget it."""
        self.stopped = False

    def typed(self, prefix: str) -> list[str]:
        """The calls that begin with *prefix*, as typed."""
        return [line for line in (" ".join(call) for call in self.calls) if line.startswith(prefix)]

    def _answer(self, line: str) -> Output:
        fitting = [prefix for prefix in self._answers if line.startswith(prefix)]
        if not fitting:
            return OK
        answer = self._answers[max(fitting, key=len)]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return answer if isinstance(answer, Output) else answer()
