"""Words for what a run was made of: seed, machine and images."""

from lab.grade import Image, Report

GIB = 2**30
OURS = "sev0/"


def ran_on(report: Report) -> str:
    """The machine in one line, "" where the run does not say."""
    known = report.machine
    memory_bytes = known.get("memory_bytes")
    parts = [
        str(known.get("system", "")),
        f"{known['cpus']} processors" if "cpus" in known else "",
        f"{memory_bytes / GIB:.1f} GiB" if isinstance(memory_bytes, int | float) else "",
        f"kernel {known['kernel']}" if "kernel" in known else "",
    ]
    return ", ".join(part for part in parts if part)


def seeded(report: Report) -> str:
    """The seed number, "" where the run does not say."""
    return "" if report.seed is None else f"seed {report.seed}"


def tags(report: Report) -> str:
    """All images in one line, by their tags alone."""
    return ", ".join(sorted(image.tag.removeprefix(OURS) for image in report.images.values()))


def whole(image: Image) -> str:
    """An image's tag and digest."""
    return f"{image.tag} {image.digest}".rstrip()
