"""Images are built for real: progress comes line by line, a failure has its last lines and its log."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.engine.base import BASE
from lab.engine.runner import SystemRunner
from lab.errors import BuildFailed
from lab.stack.build import Builder
from lab.stack.images import Image
from lab.stack.progress import Note

pytestmark = pytest.mark.docker


class Silent:
    """Progress that is only remembered."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.ended: list[tuple[str, bool]] = []

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Note]:
        """Remember how the step ended."""
        well = False
        try:
            yield self.notes.append
            well = True
        finally:
            self.ended.append((title, well))

    def say(self, text: str) -> None:
        """Remember it."""
        self.notes.append(text)


@pytest.fixture
def builder(tmp_path: Path, runner: SystemRunner) -> Builder:
    return Builder(runner=runner, root=tmp_path, logs=tmp_path / "logs")


def image(builder: Builder, name: str, *lines: str) -> Image:
    (builder.root / name).mkdir()
    (builder.root / name / "Dockerfile").write_text("\n".join((f"FROM {BASE}", *lines, "")))
    return Image(name=f"test-{name}", dockerfile=f"{name}/Dockerfile", sources=(f"{name}/*",))


def test_a_build_says_what_it_does_and_is_never_done_twice(builder: Builder, runner: SystemRunner) -> None:
    good = image(builder, "good", "RUN echo it works")
    progress = Silent()
    try:
        assert builder.missing((good,)) == (good,)
        builder.build_all((good,), progress)
        assert any("it works" in note for note in progress.notes)
        assert progress.ended == [("image test-good", True)]
        assert builder.missing((good,)) == ()
    finally:
        runner.run(["docker", "rmi", "--force", good.tag(builder.root)])


def test_a_build_that_fails_has_its_last_lines_and_the_path_of_its_log(builder: Builder) -> None:
    broken = image(builder, "broken", "RUN echo the reason is this >&2 && exit 9")
    with pytest.raises(BuildFailed, match="the reason is this") as caught:
        builder.build_all((broken,), Silent())
    log = Path(caught.value.hint.removeprefix("the whole log: "))
    assert "the reason is this" in log.read_text()
    assert len(str(caught.value).splitlines()) <= 17


def test_one_that_fails_ends_the_others(builder: Builder, runner: SystemRunner) -> None:
    broken = image(builder, "broken", "RUN exit 9")
    slow = image(builder, "slow", "RUN sleep 300")
    with pytest.raises(BuildFailed):
        builder.build_all((broken, slow), Silent())
    assert builder.missing((slow,)) == (slow,)
    assert runner.run(["true"]).ok


@pytest.mark.parametrize("there", [True, False])
def test_the_bundle_of_certificates_is_a_secret_that_may_be_absent(
    builder: Builder, runner: SystemRunner, tmp_path: Path, there: bool
) -> None:
    (tmp_path / "bundle").write_text("certificates")
    builder = Builder(
        runner=runner, root=tmp_path, logs=tmp_path, certificates=tmp_path / ("bundle" if there else "none")
    )
    kept = image(
        builder,
        f"secret-{there}".lower(),
        f"RUN --mount=type=secret,id=ca test {'-s' if there else '! -e'} /run/secrets/ca",
        "RUN test ! -s /run/secrets/ca",
    )
    try:
        builder.build(kept, lambda _: None)
    finally:
        runner.run(["docker", "rmi", "--force", kept.tag(tmp_path)])
