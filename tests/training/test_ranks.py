import json

import pytest

from tbgateway.training.ranks import is_first


def tensorflow(kind: str, index: int, *others: str) -> dict[str, str]:
    cluster = {name: ["host:1"] for name in others}
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"RANK": "0"},
        {"RANK": "0", "SLURM_PROCID": "4"},
        {"RANK": "", "SLURM_PROCID": "0"},
        {"SLURM_PROCID": "0"},
        {"OMPI_COMM_WORLD_RANK": "0"},
        {"PMI_RANK": "0"},
        {"PMIX_RANK": "0"},
        {"LOCAL_RANK": "0"},
        {"LOCAL_RANK": "0", "NODE_RANK": "0"},
        {"NODE_RANK": "1"},
        {"TF_CONFIG": "{}"},
        {"TF_CONFIG": "no JSON"},
        {"TF_CONFIG": "[]"},
        {"TF_CONFIG": '{"cluster": 5, "task": {"type": "worker"}}'},
        {"TF_CONFIG": '{"task": {"type": "worker", "index": 1e999}}'},
        {"TF_CONFIG": '{"a":' * 100_000},
        tensorflow("chief", 0, "chief", "worker"),
        tensorflow("worker", 0, "worker"),
    ],
)
def test_a_process_alone_and_the_first_of_several_speak(environ: dict[str, str]) -> None:
    assert is_first(environ)


@pytest.mark.parametrize(
    "environ",
    [
        {"RANK": "1"},
        {"RANK": "1", "SLURM_PROCID": "0"},
        {"SLURM_PROCID": "2"},
        {"OMPI_COMM_WORLD_RANK": "3"},
        {"PMI_RANK": "1"},
        {"PMIX_RANK": "1"},
        {"LOCAL_RANK": "1"},
        {"LOCAL_RANK": "0", "NODE_RANK": "1"},
        {"LOCAL_RANK": "0", "GROUP_RANK": "1"},
        tensorflow("worker", 0, "chief", "worker"),
        tensorflow("worker", 1, "worker"),
        tensorflow("evaluator", 0, "chief"),
        tensorflow("ps", 0, "chief"),
    ],
)
def test_all_others_are_silent(environ: dict[str, str]) -> None:
    assert not is_first(environ)
