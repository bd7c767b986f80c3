"""Write the dashboard's JSON, or check that it is up to date: `python -m grafana.generate [--check]`."""

import json
import sys
from pathlib import Path

from grafana.service import service_dashboard

TARGET = Path(__file__).parent / "dashboards" / "service.json"


def main(arguments: list[str]) -> int:
    """Write the file, or with --check exit 1 where it differs."""
    text = json.dumps(service_dashboard(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in arguments:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{TARGET.name} is not what the generator writes; run python -m grafana.generate\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
