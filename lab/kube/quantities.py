"""Amounts of processor and memory: 500m, 2, 128Mi, 1G."""

import re

BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
MEMORY = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?")
CPU = re.compile(r"(\d+(?:\.\d+)?)(m)?")


def bytes_of(text: str) -> int:
    """An amount of memory in bytes; ValueError where it is none."""
    found = MEMORY.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no amount of memory: 128Mi, for instance")
    unit = found[2] or ""
    return int(float(found[1]) * (BINARY.get(unit) or DECIMAL[unit]))


def cores_of(text: str) -> float:
    """An amount of processor in cores; ValueError where it is none."""
    found = CPU.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no amount of processor: 500m, for instance")
    return float(found[1]) / (1000 if found[2] else 1)


def memory(amount_bytes: float) -> str:
    """Bytes in whole mebibytes, as top shows them."""
    return f"{int(amount_bytes / 2**20)}Mi"


def cpu(cores: float) -> str:
    """Cores in thousandths."""
    return f"{round(cores * 1000)}m"
