"""Scalars of a whole gateway's experiments."""

import asyncio
import subprocess
import sys
from pathlib import Path

from gateway_in_process import PATIENCE, started
from raw_events import scalar_records, write_records

from tbgateway.domain.model import Experiment
from tbgateway.events import ExperimentChanged
from tbgateway.gateway import Gateway

_ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as control:
    control.connect(sys.argv[1])
    control.sendall(b"GET /api/v1/boards HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
    print(control.makefile().readline())
"""


def the_experiment(gateway: Gateway) -> Experiment:
    (experiment,) = gateway.store.experiments.values()
    return experiment


async def test_a_gateways_experiments_are_read_and_told_of(home: Path) -> None:
    write_records(home / "runs" / "resnet" / "train", scalar_records("loss", 3.0, 1.0))
    async with started(home) as gateway:
        experiment = the_experiment(gateway)
        bus = gateway.observing.events.bus
        newest = bus.newest
        assert gateway.scalars.digest(experiment) is None
        assert await bus.wait(newest, seconds=PATIENCE)
        assert [news for _, news in bus.read(newest).news] == [ExperimentChanged(experiment.id)]
        digest = gateway.scalars.digest(experiment)
        assert digest is not None
        assert [(one.run, one.tag, one.last) for one in digest.series] == [("train", "loss", 1.0)]
        (pid,) = gateway.scalars.reader.pids()
    assert not Path(f"/proc/{pid}").exists()


async def test_an_experiment_that_was_forgotten_meanwhile_is_no_news(home: Path) -> None:
    write_records(home / "runs" / "resnet", scalar_records("loss", 3.0))
    async with started(home) as gateway:
        experiment = the_experiment(gateway)
        async with gateway.store.transaction() as tx:
            tx.drop(experiment)
        newest = gateway.observing.events.bus.newest
        gateway.observing.experiment_read(experiment.id)
        assert gateway.observing.events.bus.newest == newest


async def test_what_reads_scalars_is_no_operator(home: Path) -> None:
    """It works on other people's files, as the gateway's own user."""
    async with started(home) as gateway:
        assert b" 200 " in await ask(gateway)
        reader = gateway.scalars.reader
        reader.pids = lambda: frozenset({asking.pid})  # type: ignore[method-assign] # stands in for it
        asking = start(gateway)
        assert b" 200 " not in await asyncio.to_thread(answer, asking)


def start(gateway: Gateway) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _ASK, str(gateway.control)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def answer(process: subprocess.Popen[bytes]) -> bytes:
    return process.communicate(timeout=PATIENCE)[0]


async def ask(gateway: Gateway) -> bytes:
    return await asyncio.to_thread(answer, start(gateway))
