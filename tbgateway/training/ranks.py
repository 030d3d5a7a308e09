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
    told = _first_number(environ, _GLOBAL)
    if told is not None:
        return told == 0
    if "LOCAL_RANK" in environ:
        ranks = (_number(environ["LOCAL_RANK"]), _first_number(environ, _NODE))
        return not any(ranks)
    return _is_chief(environ.get("TF_CONFIG", ""))


def _first_number(environ: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    numbers = (_number(environ.get(name, "")) for name in names)
    return next((number for number in numbers if number is not None), None)


def _number(text: str) -> int | None:
    with suppress(ValueError):
        return int(text)
    return None


def _is_chief(config: str) -> bool:
    """Whether TensorFlow's configuration names this process the chief, or names none."""
    try:
        described = json.loads(config)
        cluster, task = described.get("cluster") or {}, described.get("task") or {}
        kind, index = task.get("type"), int(task.get("index", 0))
    except (ValueError, AttributeError, TypeError):
        return True
    if kind is None or kind in _CHIEFS:
        return index == 0
    return kind == "worker" and index == 0 and not any(chief in cluster for chief in _CHIEFS)
