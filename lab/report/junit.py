"""The report as JUnit XML: one case per objective, so that CI shows it as it shows tests."""

import re
from xml.etree import ElementTree as Xml

from lab.grade import Grade, Report, Verdict
from lab.report.handled import handled
from lab.report.made_of import whole

NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold; a trainee can type them."""


def render(report: Report) -> str:
    """The document.

    A failed objective is a failure and an unknown one an error. One that only scores can be neither, or
    CI would be red where the verdict is pass: it is skipped, with its because.
    """
    elements = [_kind(grade) for grade in report.grades]
    suite = Xml.Element(
        "testsuite",
        name=f"sev0.{report.scenario}",
        tests=str(len(report.grades)),
        failures=str(elements.count("failure")),
        errors=str(elements.count("error")),
        skipped=str(elements.count("skipped")),
    )
    properties = Xml.SubElement(suite, "properties")
    for name, value in (
        ("verdict", report.verdict.value),
        ("outcome", report.outcome.value),
        ("score", report.score),
        ("targets", report.targets),
        ("run_id", report.run_id),
        *_made_of(report),
    ):
        Xml.SubElement(properties, "property", name=name, value=_clean(str(value)))
    for grade in report.grades:
        _case(suite, report, grade)
    out = Xml.SubElement(suite, "system-out")
    flags = (f"flag {flag.id}: {flag.text}" for flag in report.flags)
    lines = (*report.because, *flags, *handled(report))
    head = f"verdict {report.verdict.value} ({report.outcome.value}), score {report.score}"
    out.text = _clean("\n".join((head, *lines)))
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _made_of(report: Report) -> list[tuple[str, str]]:
    """Versions, seed, machine and images, each a property of its own."""
    found = [(f"version.{name}", version) for name, version in sorted(report.versions.items())]
    found += [("seed", str(report.seed))] if report.seed is not None else []
    found += [(f"machine.{name}", str(value)) for name, value in sorted(report.machine.items())]
    return found + [(f"image.{name}", whole(image)) for name, image in sorted(report.images.items())]


def _case(suite: Xml.Element, report: Report, grade: Grade) -> None:
    case = Xml.SubElement(
        suite,
        "testcase",
        classname=f"sev0.{report.scenario}.{grade.category}",
        name=grade.objective,
        time="0",
    )
    kind = _kind(grade)
    if kind:
        element = Xml.SubElement(case, kind, message=_clean(grade.because))
        element.text = _clean(grade.claim)
    else:
        Xml.SubElement(case, "system-out").text = _clean(grade.because)


def _kind(grade: Grade) -> str:
    if grade.verdict is Verdict.PASS:
        return ""
    if not grade.required:
        return "skipped"
    return "failure" if grade.verdict is Verdict.FAIL else "error"


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
