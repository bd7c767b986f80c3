"""Build what images are missing and what they are based on, two at a time."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab.engine.base import ensure_base, has_image
from lab.engine.runner import Runner
from lab.errors import BuildFailed
from lab.stack.images import Image
from lab.stack.progress import Progress

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
AT_ONCE = 2
BUILD_WITHIN_S = 1800.0
LAST_LINES = 15


@dataclass(frozen=True, kw_only=True)
class Builder:
    """Builds images of the checkout *root*, one log file each in *logs*."""

    runner: Runner
    root: Path
    logs: Path
    certificates: Path = CERTIFICATES

    def missing(self, images: Sequence[Image]) -> tuple[Image, ...]:
        """Those that the engine does not hold."""
        listing = self.runner.run(
            ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=sev0/*"]
        )
        present = set(listing.text.split())
        return tuple(image for image in images if image.tag(self.root) not in present)

    def build_all(self, images: Sequence[Image], progress: Progress) -> None:
        """Build them all, their bases first where they are not there; what fails first ends the others."""
        bases = [base for base in sorted({one.base for one in images}) if not has_image(self.runner, base)]
        self._at_once([partial(self._base_step, base, progress) for base in bases])
        self._at_once([partial(self._image_step, image, progress) for image in images])

    def _at_once(self, steps: Sequence[Callable[[], None]]) -> None:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            futures = [pool.submit(step) for step in steps]
            try:
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            except BaseException:
                for future in futures:
                    future.cancel()
                self.runner.stop()
                raise
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
                self.runner.resume()

    def _base_step(self, base: str, progress: Progress) -> None:
        with progress.step(f"base image {base}") as note:
            log = self.logs / f"{base.replace(':', '-')}.log"
            ensure_base(self.runner, log=log, say=note, tag=base, remark=progress.say)

    def _image_step(self, image: Image, progress: Progress) -> None:
        with progress.step(f"image {image.title}") as note:
            self.build(image, note)

    def command(self, image: Image, tag: str) -> list[str]:
        """The build's command line."""
        words = ["docker", "buildx", "build", "--load", "--progress=plain", "--tag", tag]
        words += ["--file", str(self.root / image.dockerfile)]
        if image.target:
            words += ["--target", image.target]
        for name, value in image.build_args.items():
            words += ["--build-arg", f"{name}={value}"]
        if self.certificates.is_file():
            # A company's own certificate authority, if there is one, is in the host's bundle.
            words += ["--secret", f"id=ca,src={self.certificates}"]
        return [*words, str(self.root)]

    def build(self, image: Image, note: Callable[[str], None]) -> str:
        """Build one image and return its tag."""
        tag = image.tag(self.root)
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"build-{image.title.replace(' ', '-')}.log"
        with log.open("w") as file:

            def on_line(line: str) -> None:
                file.write(line + "\n")
                note(line.strip())

            output = self.runner.watch(self.command(image, tag), on_line=on_line, timeout_s=BUILD_WITHIN_S)
        if not output.ok:
            last = "\n".join(output.text.splitlines()[-LAST_LINES:])
            raise BuildFailed(f"image {tag} did not build:\n{last}", hint=f"the whole log: {log}")
        return tag
