"""Draws success, latency and levels on one time axis, as inline SVG without any script.

Colours are classes: the page's style sheet decides them, for light, dark and paper.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from lab.report.lines import Line, Panel

WIDTH = 1000
LEFT, RIGHT, TOP = 64, 112, 92
PANEL_HEIGHT, GAP = 120, 40
LANES = {"alert": 16, "trainee": 34, "lab": 52}
TICKS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
MOST_TICKS = 11
LABEL_HEIGHT = 14

Height: TypeAlias = Callable[[float], float]

HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" class="hatch"/></pattern></defs>'
)


@dataclass(frozen=True, kw_only=True)
class Shade:
    """A stretch of time to be marked behind the lines; *kind* is outage, unknown or replay."""

    kind: str
    from_t: float
    until_t: float
    title: str


@dataclass(frozen=True, kw_only=True)
class Marker:
    """An event on the axis; *strong* ones get a line through all panels."""

    t: float
    lane: str
    title: str
    strong: bool


@dataclass(frozen=True, kw_only=True)
class Axis:
    """The time that is drawn; *zero_t* is where the labels count from."""

    from_t: float
    until_t: float
    zero_t: float

    def x(self, t: float) -> float:
        """Where a time lies."""
        span = max(self.until_t - self.from_t, 1.0)
        part = (min(max(t, self.from_t), self.until_t) - self.from_t) / span
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Round times with their labels."""
        span = max(self.until_t - self.from_t, 1.0)
        step = next((s for s in TICKS_S if span / s <= MOST_TICKS), TICKS_S[-1])
        first = -int((self.zero_t - self.from_t) // step)
        found = []
        for n in range(first, int((self.until_t - self.zero_t) // step) + 1):
            seconds = abs(n * step)
            sign = "-" if n < 0 else ""
            found.append((self.zero_t + n * step, f"{sign}{seconds // 60}:{seconds % 60:02d}"))
        return found


def draw(
    axis: Axis, panels: Sequence[Panel], shades: Sequence[Shade], markers: Sequence[Marker], *, label: str
) -> str:
    """The whole drawing."""
    bottom = TOP + len(panels) * (PANEL_HEIGHT + GAP) - GAP
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {bottom + 40}" role="img" aria-label="{escape(label)}" class="chart">',
        HATCH,
        *(_lane(name, y) for name, y in LANES.items()),
        *(_shade(axis, shade, bottom) for shade in shades),
        *(_tick(axis, t, text, bottom) for t, text in axis.ticks()),
    ]
    for n, panel in enumerate(panels):
        parts += _panel(axis, panel, TOP + n * (PANEL_HEIGHT + GAP))
    parts += [_marker(axis, marker, bottom) for marker in sorted(markers, key=lambda m: m.strong)]
    return "\n".join([*parts, "</svg>"])


def _lane(name: str, y: int) -> str:
    return (
        f'<text x="{LEFT - 8}" y="{y + 4}" class="axis end">{name}</text>'
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" class="lane"/>'
    )


def _shade(axis: Axis, shade: Shade, bottom: int) -> str:
    x, width = axis.x(shade.from_t), max(1.0, round(axis.x(shade.until_t) - axis.x(shade.from_t), 1))
    return (
        f'<rect x="{x}" y="{TOP - 4}" width="{width}" height="{bottom - TOP + 4}" class="shade {shade.kind}">'
        f"<title>{escape(shade.title)}</title></rect>"
    )


def _tick(axis: Axis, t: float, text: str, bottom: int) -> str:
    x = axis.x(t)
    return (
        f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{bottom}" class="grid"/>'
        f'<text x="{x}" y="{bottom + 16}" class="axis middle">{text}</text>'
    )


def _panel(axis: Axis, panel: Panel, top: int) -> list[str]:
    def y(value: float) -> float:
        part = (min(max(value, panel.low), panel.high) - panel.low) / (panel.high - panel.low)
        return round(top + PANEL_HEIGHT * (1 - part), 1)

    parts = [f'<text x="{LEFT}" y="{top - 10}" class="panel">{escape(panel.title)}</text>']
    for value, text in panel.marks:
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value)}" y2="{y(value)}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(value) + 4}" class="axis end">{escape(text)}</text>')
    for value, text in panel.bounds:
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value)}" y2="{y(value)}" class="bound">'
            f"<title>{escape(text)}</title></line>"
        )
    for line in panel.lines:
        parts += [f'<path d="{path}" class="line {line.style}"/>' for path in _paths(axis, line, y)]
    return parts + _line_labels(panel, y, top)


def _paths(axis: Axis, line: Line, y: Height) -> list[str]:
    """One path for each stretch without a hole."""
    paths: list[str] = []
    pen_down = False
    for t, value in line.points:
        if value is None:
            pen_down = False
            continue
        point = f"{axis.x(t)} {y(value)}"
        if pen_down:
            paths[-1] += f"L{point}"
        else:
            paths.append(f"M{point}")
        pen_down = True
    return paths


def _line_labels(panel: Panel, y: Height, top: int) -> list[str]:
    """Names at the lines' right ends, moved apart where they would cover each other."""
    named = [
        (line, next((v for _, v in reversed(line.points) if v is not None), None)) for line in panel.lines
    ]
    wanted = sorted(((y(v), line) for line, v in named if v is not None), key=lambda item: item[0])
    wanted += [(y(value), Line(name="bound", style="bound", points=())) for value, _ in panel.bounds[:1]]
    wanted.sort(key=lambda item: item[0])
    floor = top + PANEL_HEIGHT - LABEL_HEIGHT * (len(wanted) - 1)
    parts, at = [], top - LABEL_HEIGHT * 2.0
    for n, (height, line) in enumerate(wanted):
        at = max(at + LABEL_HEIGHT, min(height, floor + LABEL_HEIGHT * n))
        place = f'x="{WIDTH - RIGHT + 8}" y="{at + 4:g}"'
        parts.append(f'<text {place} class="name {line.style}">{escape(line.name)}</text>')
    return parts


def _marker(axis: Axis, marker: Marker, bottom: int) -> str:
    x, y = axis.x(marker.t), LANES.get(marker.lane, LANES["lab"])
    line = (
        f'<line x1="{x}" x2="{x}" y1="{y}" y2="{bottom}" class="event {marker.lane}"/>'
        if marker.strong
        else ""
    )
    radius = 5 if marker.strong else 3.5
    return (
        f'<g class="marker {marker.lane}">{line}<circle cx="{x}" cy="{y}" r="{radius}"/>'
        f"<title>{escape(marker.title)}</title></g>"
    )
