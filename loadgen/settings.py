"""What the environment says."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this load is to be run."""

    target_url: str
    out_dir: Path
    plan_file: Path
    metrics_port: int
    customers: int
    timeout_s: float
    seed: int
    inflight_factor: float
    boot: str = field(default_factory=lambda: f"{int(time.time() * 1000):x}")


def from_environment(env: Mapping[str, str]) -> Settings:
    """Read the settings; TARGET_URL is the only one that has no default."""
    out_dir = Path(env.get("OUT_DIR", "/run/load"))
    return Settings(
        target_url=env["TARGET_URL"],
        out_dir=out_dir,
        plan_file=Path(env.get("PLAN_FILE", str(out_dir / "plan.json"))),
        metrics_port=int(env.get("METRICS_PORT", "9646")),
        customers=int(env.get("CUSTOMERS", "20000")),
        timeout_s=float(env.get("TIMEOUT_S", "2")),
        seed=int(env.get("RANDOM_SEED", "1")),
        inflight_factor=float(env.get("INFLIGHT_FACTOR", "2")),
    )
