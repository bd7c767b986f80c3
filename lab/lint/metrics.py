"""Which metrics a lab's Prometheus holds, from what scrapes and records them; which an expression names."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser

from lab.stack.places import checkout

RECORDED = re.compile(r"^\s*- record: (\S+)$", re.MULTILINE)
KEPT = re.compile(r"^\s*regex: (\S+)\n\s*action: keep$", re.MULTILINE)
# What our own programs export is in their source, where a counter, histogram or gauge is made.
OURS = re.compile(r'(\w+)\(\s*"((?:loadgen|shop|heartbeat)_[a-z0-9_]+)"')
OUR_PROGRAMS = ("loadgen", "compose/shop/api", "compose/shop/worker", "compose/images/heartbeat")
OUR_PREFIXES = ("loadgen_", "shop_", "heartbeat_")
ENDS = {"Counter": ("_total",), "Histogram": ("_bucket", "_sum", "_count")}
OF_PROMETHEUS = r"up|scrape_(duration_seconds|samples_scraped)|ALERTS(_FOR_STATE)?|process_[a-z_]+"


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Names that are there, and patterns of those that are kept of what others' exporters tell."""

    names: frozenset[str]
    patterns: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether a series of that name can be there."""
        if name in self.names:
            return True
        # `heartbeat_.+` keeps whatever our own program tells, which is known to the letter.
        return not name.startswith(OUR_PREFIXES) and any(re.fullmatch(p, name) for p in self.patterns)


@cache
def known_metrics(root: Path | None = None) -> Metrics:
    """The metrics of the checkout at *root*."""
    root = root or checkout()
    folder = root / "compose/prometheus"
    rules = "\n".join(_texts(sorted(folder.glob("rules*.yml"))))
    programs = (path for name in OUR_PROGRAMS for path in sorted((root / name).rglob("*.py")))
    ours = (
        name + end
        for text in _texts(programs)
        for kind, name in OURS.findall(text)
        for end in ENDS.get(kind, ("",))
    )
    scraping = (folder / "prometheus.yml").read_text(encoding="utf-8")
    return Metrics(
        names=frozenset({*RECORDED.findall(rules), *ours}),
        patterns=(*KEPT.findall(scraping), OF_PROMETHEUS),
    )


def asked(query: str) -> Iterator[str]:
    """The metrics that an expression names; ValueError where it is none."""
    yield from _names(promql_parser.parse(query))


def _names(node: Any) -> Iterator[str]:
    match node:
        case promql_parser.VectorSelector():
            if node.name:
                yield node.name
        case promql_parser.MatrixSelector():
            yield from _names(node.vector_selector)
        case promql_parser.BinaryExpr():
            yield from _names(node.lhs)
            yield from _names(node.rhs)
        case promql_parser.Call():
            for argument in node.args:
                yield from _names(argument)
        case promql_parser.AggregateExpr():
            yield from _names(node.param)
            yield from _names(node.expr)
        case promql_parser.SubqueryExpr():
            yield from _names(node.expr)
        case promql_parser.ParenExpr() | promql_parser.UnaryExpr():
            yield from _names(node.expr)


def _texts(paths: Iterable[Path]) -> Iterator[str]:
    return (path.read_text(encoding="utf-8") for path in paths)
