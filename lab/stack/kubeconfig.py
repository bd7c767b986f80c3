"""A kubeconfig on the host, for those who like their own terminal."""

import json

from lab.stack import atomic
from lab.stack.state import LabState


def write(state: LabState) -> None:
    """Write the trainee's kubeconfig of a lab beside its state; JSON, which is YAML too."""
    cluster = {
        "server": f"https://127.0.0.1:{state.ports['referee']}",
        "certificate-authority": str(state.tls_dir / "cert.pem"),
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": state.name,
        "clusters": [{"name": state.name, "cluster": cluster}],
        "users": [{"name": "trainee", "user": {"token": state.secrets["TRAINEE_TOKEN"]}}],
        "contexts": [
            {
                "name": state.name,
                "context": {"cluster": state.name, "user": "trainee", "namespace": "default"},
            }
        ],
    }
    atomic.write(state.folder / "kubeconfig", json.dumps(config, indent=1).encode(), mode=0o600)
