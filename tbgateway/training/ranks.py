"""Which of the processes of a distributed training speaks for it: the first one only."""

import json
from collections.abc import Mapping
from contextlib import suppress

_GLOBAL = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK")
"""What launchers call the rank among all processes; the first of these that is set counts."""
_NODE = ("NODE_RANK", "GROUP_RANK")
_CHIEFS = ("chief", "master")


def is_first(environ: Mapping[str, str]) -> bool:
    """Whether this process is the only one of its training, or the first of several."""
    return not what_says_another(environ)


def what_says_another(environ: Mapping[str, str]) -> str:
    """Return by which variable another process is the first, such as `RANK=1`; or ""."""
    told = _first_set(environ, _GLOBAL)
    if told is not None:
        return _unless_zero(environ, told)
    if _rank(environ, "LOCAL_RANK") is not None:
        node = _first_set(environ, _NODE)
        by_node = "" if node is None else _unless_zero(environ, node)
        return by_node or _unless_zero(environ, "LOCAL_RANK")
    return "" if _is_chief(environ.get("TF_CONFIG", "")) else "TF_CONFIG"


def _first_set(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if _rank(environ, name) is not None), None)


def _unless_zero(environ: Mapping[str, str], name: str) -> str:
    rank = _rank(environ, name)
    return f"{name}={rank}" if rank else ""


def _rank(environ: Mapping[str, str], name: str) -> int | None:
    """Return the rank that a variable tells; a negative one means that nothing is distributed."""
    with suppress(ValueError):
        rank = int(environ.get(name, ""))
        return rank if rank >= 0 else None
    return None


def _is_chief(config: str) -> bool:
    """Whether TensorFlow's configuration names this process the chief, or names none."""
    try:
        described = json.loads(config)
        cluster, task = described.get("cluster") or {}, described.get("task") or {}
        kind, index = task.get("type"), int(task.get("index", 0))
        has_chief = any(chief in cluster for chief in _CHIEFS)
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return True
    if kind is None or kind in _CHIEFS:
        return index == 0
    return kind == "worker" and index == 0 and not has_chief
