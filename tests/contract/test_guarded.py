"""What nobody may reach from where a trainee's programs run: the toolbox, and a pod of the API."""

import json

import pytest

from lab.proof.engine import container_of, docker
from lab.stack.state import load
from tests.contract.conftest import Drill

pytestmark = [pytest.mark.docker, pytest.mark.lab]

TOOLBOX, POD = "bash -s", "kubectl exec -i deploy/api -- bash -s"
PLACES = pytest.mark.parametrize("place", [TOOLBOX, POD], ids=["toolbox", "pod"])
# What each place works with itself; every other secret of the lab is somebody else's.
OWN = {
    TOOLBOX: {"DBA_PASSWORD", "MYSQL_DBA_PASSWORD", "REDIS_ONCALL_PASSWORD", "TRAINEE_TOKEN"},
    POD: {"SHOP_DB_PASSWORD", "REDIS_SHOP_PASSWORD"},
}
OTHERS_PORTS = {"load": 9646, "postgres-exporter": 9187, "redis-exporter": 9121}
OPEN_PORTS = """
import socket
address = socket.gethostbyname("referee")
for port in range(1, 65536):
    with socket.socket() as probe:
        probe.settimeout(5)
        if probe.connect_ex((address, port)) == 0:
            print(port)
"""
REACHED = """
import socket
from concurrent.futures import ThreadPoolExecutor
def look(address):
    try:
        socket.create_connection(address, timeout=5).close()
    except OSError:
        return
    print(*address)
with ThreadPoolExecutor(20) as pool:
    list(pool.map(look, {addresses!r}))
"""
# Version and schema of the Kubernetes API are for everybody: they say nothing of this lab.
ANSWERS = """
import ssl, urllib.error, urllib.request
any_certificate = ssl._create_unverified_context()
pods, deployments = "/api/v1/namespaces/default/pods", "/apis/apps/v1/namespaces/default/deployments"
for path in ("/v1/status", "/v1/report", pods, deployments):
    for header in ({}, {"Authorization": "Bearer guess"}):
        asked = urllib.request.Request("https://referee:8443" + path, headers=header)
        try:
            print(urllib.request.urlopen(asked, context=any_certificate, timeout=20).status)
        except urllib.error.HTTPError as error:
            print(error.code)
"""
SHOWN = """
env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'
"""
POWERS = (
    "alter role current_user superuser",
    "create role helper superuser",
    "set role postgres",
    "set session authorization postgres",
    "grant pg_read_server_files to current_user",
    "copy (select 1) to program 'true'",
    "select pg_read_file('/etc/passwd')",
)
TAKEN = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
    for words in {powers!r}:
        try:
            session.execute(words)
        except psycopg.Error:
            continue
        print("done:", words)
    print(session.execute("select rolsuper from pg_roles where rolname = current_user").fetchone())
"""
EVERYTHING_SHOWN = """
kubectl get all,configmaps,secrets,events,nodes -o yaml
kubectl describe pods
kubectl logs deploy/api --tail=500
for pod in postgres-0 redis-0 lb-0; do kubectl exec $pod -- env; kubectl logs $pod --tail=500; done
"""
READABLE = "find / \\( -path /proc -o -path /sys \\) -prune -o -type f -readable -print0 2>/dev/null"


def typed(drill: Drill, place: str, script: str) -> str:
    """What *script* prints in a place."""
    return drill.toolbox(f"{place} <<'THE-END'\n{script}\nTHE-END")


def python(drill: Drill, place: str, program: str) -> list[str]:
    """The lines that a Python program prints in a place."""
    return typed(drill, place, f"python3 - <<'PROGRAM'\n{program}\nPROGRAM").splitlines()


def secrets_of_others(drill: Drill, place: str) -> dict[str, str]:
    """The lab's secrets that are none of this place's business."""
    state = load(drill.hands.name)
    assert state is not None
    return {name: secret for name, secret in state.secrets.items() if name not in OWN[place]}


@PLACES
def test_the_referee_listens_on_one_port_and_answers_no_one_without_a_token(calm: Drill, place: str) -> None:
    assert python(calm, place, OPEN_PORTS) == ["8443"]
    assert set(python(calm, place, ANSWERS)) <= {"401", "403"}


@PLACES
def test_load_and_exporters_are_out_of_reach_by_address_too(calm: Drill, place: str) -> None:
    addresses = []
    for service, port in OTHERS_PORTS.items():
        ident = container_of(calm.hands.name, service)
        networks = json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Networks}}", ident))
        addresses += [(service, port), *((network["IPAddress"], port) for network in networks.values())]
    assert python(calm, place, REACHED.format(addresses=addresses)) == []


@PLACES
def test_no_secret_of_others_and_no_ledger_is_to_be_found(calm: Drill, place: str) -> None:
    """In no environment, no command line, no readable file; nor in what kubectl shows."""
    others = secrets_of_others(calm, place)
    shown = typed(calm, place, SHOWN) + (calm.toolbox(EVERYTHING_SHOWN) if place == TOOLBOX else "")
    assert [name for name, secret in others.items() if secret in shown] == []
    patterns = " ".join(f"-e {secret}" for secret in others.values())
    assert typed(calm, place, f"{READABLE} | xargs -0 grep -lF {patterns} 2>/dev/null || true").strip() == ""
    records = "find / -name 'ledger*.jsonl' -o -name journal.jsonl 2>/dev/null || true"
    assert typed(calm, place, records).strip() == ""


def test_the_shop_itself_cannot_get_power_over_its_database(calm: Drill) -> None:
    """With the password that every pod has."""
    assert python(calm, POD, TAKEN.format(powers=POWERS)) == ["(False,)"]


# A DBA who reads all data reads verifiers too; 128 random bits are not found from theirs.
@pytest.mark.parametrize("words", POWERS)
def test_the_dba_is_no_superuser_and_cannot_become_one(calm: Drill, words: str) -> None:
    said = calm.hands.type_in_toolbox(f'psql -v ON_ERROR_STOP=1 -qAtc "{words}"')
    assert said.exit_code != 0, said.out


@pytest.mark.parametrize(
    "words", ["acl list", "acl getuser exporter", "acl setuser oncall +@all", "shutdown"]
)
def test_the_person_on_call_is_no_admin_of_redis(calm: Drill, words: str) -> None:
    assert "NOPERM" in calm.hands.type_in_toolbox(f"redis-cli {words} 2>&1 || true").out
