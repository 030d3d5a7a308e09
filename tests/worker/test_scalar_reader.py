"""The process that reads scalars, as the gateway starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from math import isnan
from pathlib import Path
from typing import Any

import psutil
import pytest
from event_writer import write_scalars
from raw_events import EVENTS, scalar_records, write_records
from tensorboard.backend.event_processing.event_accumulator import (
    SCALARS,
    TENSORS,
    EventAccumulator,
)

from tbgateway.eventfiles import find
from tbgateway.worker import landlock
from tbgateway.worker.scalar_messages import (
    Answer,
    Hello,
    Turn,
    decode_answer,
    decode_hello,
)

LARGEST_MEMORY = 45_000_000
_MODULE = "tbgateway.worker.scalar_reader"


class Reader:
    """A reader and its pipes."""

    def __init__(self, *roots: Path) -> None:
        paths = map(str, roots)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE, str(os.getpid()), *paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.hello = decode_hello(self.hear())

    def hear(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def say(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def turn(self, name: str, files: Sequence[tuple[str, str]]) -> Answer:
        self.say(Turn(name, files).line)
        return decode_answer(self.hear())

    def whole(self, experiment: Path, root: Path) -> Answer:
        files = [(one.run, one.path) for one in find(str(experiment), str(root), 9)]
        answer = self.turn(experiment.name, files)
        while not answer.digest.complete:
            answer = self.turn(experiment.name, files)
        return answer

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Reader]]:
    with ExitStack() as stack:

        def started(*roots: Path) -> Reader:
            reader = Reader(*roots)
            stack.callback(reader.end)
            return reader

        yield started


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = Path(os.path.realpath(tmp_path)) / "runs"
    root.mkdir()
    return root


def told_by_tensorboard(directory: Path) -> dict[str, float]:
    """Return each scalar's last value, as TensorBoard's own reader of one run has it."""
    accumulator = EventAccumulator(str(directory), size_guidance={SCALARS: 0, TENSORS: 0})
    accumulator.Reload()
    last = {tag: accumulator.Scalars(tag)[-1].value for tag in accumulator.Tags()["scalars"]}
    for tag in accumulator.PluginTagToContent("scalars") if _has_plugin(accumulator) else ():
        if tag in accumulator.Tags()["tensors"]:
            proto = accumulator.Tensors(tag)[-1].tensor_proto
            last[tag] = float((proto.float_val or _unpacked(proto))[0])
    return last


def _has_plugin(accumulator: Any) -> bool:
    try:
        accumulator.PluginTagToContent("scalars")
    except KeyError:
        return False
    return True


def _unpacked(proto: Any) -> Any:
    from tensorboard.util.tensor_util import make_ndarray  # noqa: PLC0415 - it imports much

    return make_ndarray(proto).reshape(-1)


def test_values_are_those_that_were_written(start: Callable[..., Reader], root: Path) -> None:
    write_scalars(root / "resnet" / "train", {"loss": [3.0, 1.0, 2.0], "accuracy": [0.5]})
    reader = start(root)
    loss, accuracy = reader.whole(root / "resnet", root).digest.series
    assert (loss.run, loss.tag, loss.last, loss.lowest) == ("train", "loss", 2.0, 1.0)
    assert (accuracy.run, accuracy.tag, accuracy.last) == ("train", "accuracy", 0.5)
    write_scalars(root / "resnet" / "train", {"loss": [0.25]}, first_step=3)
    assert reader.whole(root / "resnet", root).digest.series[0].last == 0.25


def test_values_are_those_that_tensorboard_tells(
    start: Callable[..., Reader], corpus: Path
) -> None:
    corpus = Path(os.path.realpath(corpus))
    reader = start(corpus)
    compared = 0
    for experiment in sorted(path for path in corpus.iterdir() if path.is_dir()):
        answer = reader.whole(experiment, corpus)
        assert not answer.denied
        files = find(str(experiment), str(corpus), 9)
        for run in {one.run for one in files}:
            told = {one.tag: one.last for one in answer.digest.series if one.run == run}
            known = told_by_tensorboard(experiment / run)
            assert told.keys() == known.keys(), (experiment.name, run)
            for tag, value in told.items():
                assert value == known[tag] or (isnan(value) and isnan(known[tag]))
                compared += 1
    assert compared > 100


def test_it_is_small_and_imports_little_of_tensorboard(
    start: Callable[..., Reader], root: Path
) -> None:
    write_scalars(root / "resnet", {"loss": [1.0]})
    reader = start(root)
    assert reader.whole(root / "resnet", root).digest.series
    process = psutil.Process(reader.process.pid)
    assert process.memory_info().rss < LARGEST_MEMORY
    assert not [one.path for one in process.memory_maps() if "numpy" in one.path]
    assert process.num_threads() == 1
    assert process.nice() == 10


def test_it_reads_nothing_but_the_roots(start: Callable[..., Reader], root: Path) -> None:
    try:
        landlock.version()
    except OSError:
        pytest.skip("landlock is not offered on this machine")
    other = root.parent / "other"
    path = write_records(other, scalar_records("secret", 1.0))
    reader = start(root)
    assert reader.hello == Hello("")
    answer = reader.turn("other", [(".", str(path))])
    assert (answer.digest.series, answer.denied) == ((), True)
    assert reader.turn("other", [(".", str(root / EVENTS))]).denied is False


def test_it_has_no_network(start: Callable[..., Reader], root: Path) -> None:
    code = "from tbgateway.worker.isolation import *; exit(not enter_private_network().private)"
    if subprocess.run([sys.executable, "-c", code], check=False).returncode:
        pytest.skip("namespaces are not allowed on this machine")
    reader = start(root)
    namespace = Path(f"/proc/{reader.process.pid}/ns/net")
    assert namespace.readlink() != Path("/proc/self/ns/net").readlink()


def test_a_pipe_is_not_waited_for(start: Callable[..., Reader], root: Path) -> None:
    os.mkfifo(root / EVENTS)
    write_records(root / "resnet", scalar_records("loss", 1.0))
    reader = start(root)
    files = [(".", str(root / EVENTS)), ("a", str(root / "resnet" / EVENTS))]
    assert [one.last for one in reader.turn("x", files).digest.series] == [1.0]


def test_a_million_values_take_turns_and_others_are_read_between(
    start: Callable[..., Reader], root: Path
) -> None:
    chunk = scalar_records("loss", *(float(value) for value in range(10_000)))
    write_records(root / "large", *[chunk] * 100)
    write_records(root / "small", scalar_records("loss", 7.0))
    reader = start(root)
    large = [(".", str(root / "large" / EVENTS))]
    turns, complete = 0, False
    while not complete:
        complete = reader.turn("large", large).digest.complete
        turns += 1
        small = reader.whole(root / "small", root).digest
        assert small.series[0].last == 7.0
    assert turns > 5
    (series,) = reader.turn("large", large).digest.series
    assert (series.last, series.last_step, series.count) == (9999.0, 9999, 10_000)


def test_it_ends_when_the_gateway_closes_its_pipe(start: Callable[..., Reader], root: Path) -> None:
    reader = start(root)
    assert reader.process.stdin is not None
    reader.process.stdin.close()
    assert reader.process.wait(30) == 0


def test_it_ends_with_its_parent_even_while_it_hangs(root: Path) -> None:
    script = (
        "import os, subprocess, sys, time\n"
        f"command = [sys.executable, '-P', '-m', {_MODULE!r}, str(os.getpid()), {str(root)!r}]\n"
        "child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    child.send_signal(signal.SIGSTOP)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert not psutil.wait_procs([child], 30)[1]


def test_what_is_no_turn_ends_it(root: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-P", "-m", _MODULE, str(os.getpid()), str(root)],
        input=json.dumps({"experiment": "x"}).encode() + b"\n",
        capture_output=True,
        check=False,
    )
    assert process.returncode == 1
    assert b"KeyError" in process.stderr
