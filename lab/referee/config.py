"""The environment the referee is started with, as checked values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg.conninfo import make_conninfo

from lab import deployment
from lab.logins import PASSWORDS
from lab.referee.errors import BadConfig
from lab.referee.files import Owner
from lab.targets import FACTORS, STANDARD

KNOWN = frozenset(name for roles in PASSWORDS.values() for name in roles.values())
"""The secrets that faults may need, as far as the environment has them."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """All that differs from one lab to the next. Secrets are kept out of its repr.

    *limit_s*: when the run is to be over instead of at the scenario's own limit; 0 leaves it at that.
    *targets*: whom the run's times are meant for.
    *extras* are the optional services that there are, *nodes* the databases whose heartbeat is read.
    """

    lab: str
    project: str
    run_id: str
    scenario: str
    speed: float
    targets: str
    calm: bool
    limit_s: float
    api_images: Mapping[str, str]
    network: str
    owner: Owner
    facts: Mapping[str, Any]
    tls_cert: Path
    tls_key: Path
    run_dir: Path
    targets_file: Path
    balancer_socket: Path
    prometheus_url: str
    shop_url: str
    port: int
    extras: tuple[str, ...]
    order_stream: str
    nodes: tuple[str, ...]
    secrets: Mapping[str, str] = field(repr=False)
    shop_db_password: str = field(repr=False)
    referee_db_password: str = field(repr=False)
    redis_shop_password: str = field(repr=False)
    redis_referee_password: str = field(repr=False)
    catalogue_url: str = field(repr=False)
    dba_password: str = field(repr=False)
    redis_oncall_password: str = field(repr=False)
    mysql_dba_password: str = field(repr=False)
    trainee_token: str = field(repr=False)
    operator_token: str = field(repr=False)
    signing_key: bytes | None = field(repr=False)

    @property
    def seed(self) -> int:
        """The number that chooses among what varies."""
        return int(self.facts.get("seed", 0))

    @property
    def load_dir(self) -> Path:
        """Where the load reads its plan and writes its logs."""
        return self.run_dir / "load"

    @property
    def referee_dsn(self) -> str:
        """How the referee reaches PostgreSQL."""
        return self.dsn_of("postgres")

    def dsn_of(self, host: str) -> str:
        """How the referee reaches PostgreSQL or its replica."""
        return make_conninfo(
            host=host,
            port=5432,
            dbname="shop",
            user="referee",
            password=self.referee_db_password,
            connect_timeout=3,
            # A server that vanished in mid answer says nothing more; without these it would be waited for.
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            application_name="referee",
        )

    @property
    def pod_settings(self) -> dict[str, str]:
        """What the API's config map holds at first."""
        return {"READY_AFTER_S": str(deployment.READY_AFTER_S)}

    @property
    def pod_environment(self) -> dict[str, str]:
        """What every pod of the API needs to find its neighbours, those that are there.

        Where there is a pooler, it stands for the database; it knows no replica.
        """
        server = "pgbouncer:6432" if "pgbouncer" in self.extras else "postgres:5432"
        database, redis = quote(self.shop_db_password, safe=""), quote(self.redis_shop_password, safe="")
        history = f"postgresql://shop:{database}@postgres-replica:5432/shop"
        stock = self.catalogue_url.replace("@mysql:", "@mysql-replica:")
        optional = {
            "CATALOGUE_URL": self.catalogue_url,
            "STOCK_URL": stock if "mysql-replica" in self.extras else "",
            "HISTORY_URL": history if "postgres-replica" in self.extras else "",
            "ORDER_STREAM": self.order_stream,
        }
        return {
            "DATABASE_URL": f"postgresql://shop:{database}@{server}/shop",
            "REDIS_URL": f"redis://shop:{redis}@redis:6379/0",
            "PAY_URL": "http://pay:8081",
            **{name: value for name, value in optional.items() if value},
        }


def read_config(environ: Mapping[str, str]) -> Config:
    """The configuration in *environ*; BadConfig names every variable that is missing or wrong."""
    reader = _Reader(environ)
    config = Config(
        lab=reader.text("LAB_NAME"),
        project=reader.text("PROJECT"),
        run_id=reader.text("RUN_ID"),
        scenario=reader.text("SCENARIO"),
        speed=reader.number("SPEED", default="1", at_least=1.0),
        targets=reader.choice("TARGETS", tuple(FACTORS), default=STANDARD),
        calm=reader.text("CALM", default="0") == "1",
        limit_s=reader.number("LIMIT_S", default="0"),
        api_images=reader.mapping("API_IMAGES"),
        network=reader.text("SHOP_NETWORK"),
        owner=Owner(
            uid=int(reader.number("HOST_UID", default="0")), gid=int(reader.number("HOST_GID", default="0"))
        ),
        facts=reader.mapping("RUN_FACTS", default="{}"),
        tls_cert=Path(reader.text("TLS_CERT", default="/etc/lab/tls/cert.pem")),
        tls_key=Path(reader.text("TLS_KEY", default="/etc/lab/tls/key.pem")),
        run_dir=Path(reader.text("RUN_DIR", default="/run/lab")),
        targets_file=Path(reader.text("TARGETS_FILE", default="/run/targets/api.json")),
        balancer_socket=Path(reader.text("LB_SOCKET", default="/run/haproxy/admin.sock")),
        prometheus_url=reader.text("PROMETHEUS_URL", default="http://prometheus:9090"),
        shop_url=reader.text("SHOP_URL", default="http://lb:8080"),
        port=int(reader.number("PORT", default="8443")),
        extras=tuple(environ.get("EXTRAS", "").split()),
        order_stream=environ.get("ORDER_STREAM", ""),
        catalogue_url=environ.get("CATALOGUE_URL", ""),
        nodes=tuple(word.partition("=")[0] for word in environ.get("HEARTBEAT_NODES", "").split()),
        secrets={name: environ[name] for name in KNOWN if environ.get(name)},
        shop_db_password=reader.text("SHOP_DB_PASSWORD"),
        referee_db_password=reader.text("REFEREE_DB_PASSWORD"),
        redis_shop_password=reader.text("REDIS_SHOP_PASSWORD"),
        redis_referee_password=reader.text("REDIS_REFEREE_PASSWORD"),
        dba_password=reader.text("DBA_PASSWORD"),
        redis_oncall_password=reader.text("REDIS_ONCALL_PASSWORD"),
        mysql_dba_password=reader.text("MYSQL_DBA_PASSWORD", default="-"),
        trainee_token=reader.text("TRAINEE_TOKEN"),
        operator_token=reader.text("OPERATOR_TOKEN"),
        signing_key=reader.key("SIGNING_KEY"),
    )
    reader.finish()
    return config


class _Reader:
    """Reads variables one by one and remembers what is wrong, to say all of it at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._wrong: list[str] = []

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self._environ.get(name) or default
        if value is None:
            self._wrong.append(f"{name} is missing")
            return ""
        return value

    def choice(self, name: str, choices: tuple[str, ...], *, default: str) -> str:
        value = self.text(name, default=default)
        if value not in choices:
            self._wrong.append(f"{name}={value!r} is not one of {', '.join(choices)}")
        return value

    def number(self, name: str, *, default: str, at_least: float = 0.0) -> float:
        raw = self.text(name, default=default)
        try:
            value = float(raw)
        except ValueError:
            value = at_least - 1
        if value < at_least:
            self._wrong.append(f"{name}={raw!r} is not a number of at least {at_least:g}")
        return value

    def key(self, name: str) -> bytes | None:
        """Hexadecimal; what is wrong with it is said without it."""
        try:
            return bytes.fromhex(self._environ.get(name, "")) or None
        except ValueError:
            self._wrong.append(f"{name} is not hexadecimal")
            return None

    def mapping(self, name: str, *, default: str | None = None) -> dict[str, Any]:
        raw = self.text(name, default=default)
        try:
            value = json.loads(raw or "{}")
        except ValueError:
            value = None
        if not isinstance(value, dict):
            self._wrong.append(f"{name}={raw!r} is not a JSON object")
            return {}
        return value

    def finish(self) -> None:
        if self._wrong:
            raise BadConfig(f"the referee's environment: {'; '.join(self._wrong)}")
