"""What a dashboard is made of, and how it becomes Grafana's classic JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

COLUMNS = 24
DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, kw_only=True)
class Query:
    """One PromQL expression and how its series are named in the legend."""

    expr: str
    legend: str


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One picture; *limits* are values from which the colour changes, given with that colour."""

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    width: int = 8
    height: int = 7
    stacked: bool = False
    maximum: float | None = None
    decimals: int | None = None
    limits: Mapping[float, str] | None = None
    base_colour: str = "green"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


def dashboard(*, uid: str, title: str, description: str, rows: tuple[Row, ...]) -> Json:
    """The JSON of a dashboard that reads from a data source the viewer picks."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["sev0"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1s",
        "time": {"from": "now-15m", "to": "now"},
        "timepicker": {"refresh_intervals": ["1s", "5s", "30s", "1m"]},
        "timezone": "browser",
        "templating": {"list": [_datasource_variable()]},
        "annotations": {"list": []},
        "panels": list(_laid_out(rows)),
    }


def _datasource_variable() -> Json:
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "Prometheus", "value": "prom"},
        "hide": 0,
        "refresh": 1,
    }


def _laid_out(rows: tuple[Row, ...]) -> Iterator[Json]:
    """Rows below each other; panels from left to right, on a new line where the next does not fit."""
    panel_id = y = 0
    for row in rows:
        panel_id += 1
        yield _row_json(row, panel_id, y)
        y += 1
        x = line_height = 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                x, y, line_height = 0, y + line_height, 0
            panel_id += 1
            yield _panel_json(panel, panel_id, x, y)
            x += panel.width
            line_height = max(line_height, panel.height)
        y += line_height


def _row_json(row: Row, panel_id: int, y: int) -> Json:
    return {
        "id": panel_id,
        "type": "row",
        "title": row.title,
        "collapsed": False,
        "panels": [],
        "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
    }


def _panel_json(panel: Panel, panel_id: int, x: int, y: int) -> Json:
    return {
        "id": panel_id,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "interval": "1s",
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
        "targets": [_target_json(query, index) for index, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _field_json(panel), "overrides": []},
        "options": _options_json(panel),
    }


def _target_json(query: Query, index: int) -> Json:
    return {
        "refId": chr(ord("A") + index),
        "datasource": DATASOURCE,
        "expr": query.expr,
        "legendFormat": query.legend,
        "range": True,
    }


def _field_json(panel: Panel) -> Json:
    steps: list[Json] = [{"color": panel.base_colour, "value": None}]
    steps += [{"color": colour, "value": value} for value, colour in sorted((panel.limits or {}).items())]
    field: Json = {
        "unit": panel.unit,
        "min": 0,
        "color": {"mode": "thresholds" if panel.kind == "stat" else "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    if panel.maximum is not None:
        field["max"] = panel.maximum
    if panel.decimals is not None:
        field["decimals"] = panel.decimals
    if panel.kind == "timeseries":
        field["custom"] = _drawing_json(panel)
    return field


def _drawing_json(panel: Panel) -> Json:
    return {
        "drawStyle": "line",
        "lineWidth": 1,
        "fillOpacity": 25 if panel.stacked else 0,
        "showPoints": "never",
        # A gap in the line is news: nothing was measured there.
        "spanNulls": False,
        "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if panel.limits else "off"},
    }


def _options_json(panel: Panel) -> Json:
    if panel.kind == "stat":
        return {
            "colorMode": "value",
            "graphMode": "area",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        }
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
