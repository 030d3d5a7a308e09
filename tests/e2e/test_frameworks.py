"""TensorFlow and Keras, in an environment of their own beside the light wheel, on real boards."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import light_wheel
import pytest
from running_gateway import ADMIN_PASSWORD, PATIENCE, RunningGateway, eventually

from tbgateway.client import Client, Experiment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
TENSORFLOW = Path(sys.prefix) / "tensorflow"  # by tests/setup/tensorflow.sh
ADMIN = ("admin", ADMIN_PASSWORD)
PLAIN = """
import argparse, pathlib, time
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--logdir")
logdir = parser.parse_args().logdir
writer = tf.summary.create_file_writer(logdir)
step = 0
with writer.as_default():
    while not pathlib.Path("enough").exists():
        tf.summary.scalar("loss", 1 / (step + 1), step=step)
        tf.summary.histogram("weights", tf.random.normal([64]), step=step)
        writer.flush()
        time.sleep(0.1)
        step += 1
"""
KERAS = """
import keras, numpy
import tbgateway

def fit(logdir, epochs):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = numpy.random.default_rng(0).normal(size=(32, 4))
    shown = keras.callbacks.TensorBoard(logdir, histogram_freq=1)
    model.fit(x, x.sum(axis=1), epochs=epochs, validation_split=0.25, verbose=0, callbacks=[shown])

said = {"boards": ["keras"], "tags": ["dense"], "params": {"units": numpy.int64(1), "lr": 0.01}}
with tbgateway.experiment("fitted", notes="A *dense* layer.", **said) as exp:
    fit(exp.logdir, epochs=3)
try:
    with tbgateway.experiment("diverged", **said) as exp:
        fit(exp.logdir, epochs=1)
        raise FloatingPointError("the loss is NaN\\nafter epoch 1")
except FloatingPointError:
    pass
with tbgateway.experiment("endless", **said) as exp:
    fit(exp.logdir, epochs=1_000_000)
"""


@pytest.fixture(scope="module")
def tensorflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an environment with TensorFlow and the light wheel."""
    if not TENSORFLOW.is_dir():
        pytest.skip("TensorFlow is not installed")
    light_wheel.install(light_wheel.build(tmp_path_factory.mktemp("dist")), TENSORFLOW)
    return TENSORFLOW / "bin"


@dataclass(frozen=True)
class Script:
    """A running script."""

    process: "subprocess.Popen[bytes]"
    output: Path

    def ends_with(self, status: int) -> str:
        """Wait for its end with this exit status; return what it printed."""
        found = self.process.wait(PATIENCE)
        assert found == status, self.output.read_text()
        return self.output.read_text()


@dataclass(frozen=True)
class Workplace:
    """Where somebody trains beside a gateway."""

    gateway: RunningGateway
    programs: Path
    home: Path

    @contextmanager
    def running(self, *words: str) -> Iterator["Script"]:
        """Run a program of TensorFlow's environment; it is killed at the end."""
        environ = light_wheel.surroundings(
            self.home,
            TBGATEWAY_SOCKET=str(self.gateway.control),
            TF_CPP_MIN_LOG_LEVEL="3",
            CUDA_VISIBLE_DEVICES="-1",
        )
        log = self.home / f"{words[0]}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [str(self.programs / words[0]), *words[1:]],
                cwd=self.home,
                env=environ,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        with process:
            try:
                yield Script(process, log)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def experiment(self, name: str) -> Experiment:
        """Return an experiment as the gateway tells it."""
        return Client(f"unix:{self.gateway.control}").experiments.show(name)

    def on_board(self, board: str) -> dict[str, str]:
        """Return the memberships' states by the experiments' names."""
        answer = self.gateway.admin(f"/api/v1/boards/{board}")
        if answer.status != 200:
            return {}
        return {one["name"]: one["state"] for one in answer.json()["experiments"]}

    def scalars(self, board: str, run: str, tag: str) -> list[Any]:
        """Return the points that a board's TensorBoard shows now."""
        query = f"run={run.replace('/', '%2F')}&tag={tag}"
        path = f"/boards/{board}/data/plugin/scalars/scalars?{query}"
        answer = self.gateway.get(path, ADMIN)
        return answer.json() if answer.status == 200 else []

    def grows(self, board: str, run: str, tag: str) -> None:
        """Wait until the board shows points, and then more of them."""
        what = f"points of {run} on {board}; see {self.home}"
        first = eventually(lambda: self.scalars(board, run, tag), what=what)
        eventually(lambda: len(self.scalars(board, run, tag)) > len(first), what=f"more {what}")


@pytest.fixture(scope="module")
def workplace(tensorflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    directory = tmp_path_factory.mktemp("frameworks")
    for name in ("runs", "home"):
        (directory / name).mkdir()
    with RunningGateway(directory / "gateway", [directory / "runs"]) as gateway:
        yield Workplace(gateway, tensorflow, directory / "home")


@pytest.fixture(scope="module")
def scripts(workplace: Workplace) -> Iterator[tuple[Script, Script]]:
    """Run a plain script under `tbgateway run` and one with experiments of its own, at once."""
    (workplace.home / "train.py").write_text(PLAIN)
    (workplace.home / "fit.py").write_text(KERAS)
    said = ("--name", "plain", "--board", "plain", "--param", "lr=0.1", "--tag", "tf")
    command = (str(workplace.programs / "python"), "train.py", "--logdir", "{logdir}")
    with (
        workplace.running("tbgateway", "run", *said, "--", *command) as plain,
        workplace.running("python", "fit.py") as keras,
    ):
        yield plain, keras


def test_a_plain_script_is_watched_live_from_its_begin_to_its_end(
    workplace: Workplace, scripts: tuple[Script, Script]
) -> None:
    script, _ = scripts
    workplace.grows("plain", "plain", "loss")
    found = workplace.experiment("plain")
    assert (found.state, found.params, found.tags) == ("running", {"lr": 0.1}, ("tf",))
    assert workplace.on_board("plain") == {"plain": "adding"}

    (workplace.home / "enough").touch()
    printed = script.ends_with(0)
    assert printed.startswith("tbgateway: new board plain: http")
    found = workplace.experiment("plain")
    assert (found.state, found.reason) == ("completed", "completed by its script")
    eventually(lambda: workplace.on_board("plain") == {"plain": "added"}, what="it is added")


def test_keras_trains_through_experiments_that_end_in_every_way(
    workplace: Workplace, scripts: tuple[Script, Script]
) -> None:
    _, script = scripts
    workplace.grows("keras", "endless/train", "epoch_loss")
    states = {"fitted": "added", "diverged": "added", "endless": "adding"}
    assert workplace.on_board("keras") == states
    script.process.terminate()
    printed = script.ends_with(128 + signal.SIGTERM)
    assert printed.count("tbgateway:") == 1  # the new board's address, and no complaint

    found = [workplace.experiment(name) for name in states]
    assert [(one.name, one.state, one.reason) for one in found] == [
        ("fitted", "completed", "completed by its script"),
        ("diverged", "failed", "FloatingPointError: the loss is NaN after epoch 1"),
        ("endless", "stopped", "SIGTERM"),
    ]
    assert [(one.params, one.tags) for one in found] == [({"units": 1, "lr": 0.01}, ("dense",))] * 3
    assert len(workplace.scalars("keras", "fitted/validation", "epoch_loss")) == 3
    runs = {f"{name}/{part}" for name in states for part in ("train", "validation")}
    assert runs <= set(workplace.gateway.runs("keras"))
