"""TensorBoard's Rust data server: started, watched, and asked when its first load has ended.

Relied on beyond its `--help`: it logs "Finished load cycle" to stderr with --verbose. Should that
line ever be missing, a board waits for `first_load_timeout` and serves all the same.
"""

import os
import re
import select
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

from tbgateway.worker import kernel

_FINISHED = b"Finished load cycle"
_CHATTER = re.compile(rb"\[\S+ (INFO |DEBUG|TRACE) rustboard")
_TIMESTAMP = re.compile(rb"^\[\S+ ")
_CHUNK = 64 * 1024  # bytes; what a pipe holds
_QUIET = 4096  # bytes; a server that says less in a while is listened to now and then only
_LISTEN_EVERY = 5.0  # seconds
_MOST_REMEMBERED = 512  # different lines; a complaint repeated at every reload is logged once

_ENVIRONMENT = {
    # In bytes, for glibc's malloc; others ignore it. By default each thread's heap grows by 128 KiB
    # at a time, with a system call for each step, and what is larger is mapped, and zeroed by the
    # kernel, each time anew. Together that is a tenth of the time of a load. What is in memory
    # afterwards stays the same, within 2 %: what a step leaves over is address space only.
    "MALLOC_TOP_PAD_": str(8 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(2**20),
}


class DataServer:
    """A running data server; `died` is called when it ends.

    It ends with this process, when its stdin does (--die-after-stdin), and with its process group,
    which the kernel kills at the end of a lifeline that it holds. It is not asked for a signal at
    its parent's death (PDEATHSIG): a child that has to do something before its exec needs a fork,
    which copies the page tables of TensorBoard: a tenth of what opening a small board costs.
    Without, Python uses vfork.
    """

    def __init__(self, server: subprocess.Popen[bytes], port_pipe: int) -> None:
        self._server = server
        self._port_pipe = port_pipe
        self._loaded = threading.Event()
        self._load_cost = 0.0
        self._seen: set[bytes] = set()
        self._last_lines: deque[str] = deque(maxlen=3)

    @classmethod
    def start(
        cls,
        binary: str,
        logdir: str,
        samples_per_plugin: Mapping[str, int],
        *,
        held: Sequence[int] = (),
        port: int = 0,
    ) -> "DataServer":
        """Start it, to hold the descriptors `held` open; raise OSError if that fails.

        It will listen on `port`, or on any if that is 0.
        """
        reading, writing = os.pipe()
        try:
            server = subprocess.Popen(  # noqa: S603 - the program of an installed package, no shell
                _command(binary, logdir, samples_per_plugin, port=port, port_pipe=writing),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(writing, *held),
                env=_ENVIRONMENT,
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return cls(server, reading)

    def watch(self, died: Callable[[str], None]) -> None:
        """Follow what it says; call `died` with a reason, from another thread, when it ends."""
        threading.Thread(target=self._follow, args=(died,), name="data server", daemon=True).start()

    def port(self) -> int:
        """Wait until it listens and return where on 127.0.0.1; raise ConnectionError if it ended.

        Can be asked once.
        """
        with os.fdopen(self._port_pipe, "rb") as pipe:
            line = pipe.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the data server ended before it listened")
        return int(line)

    def wait_until_loaded(self, timeout: float) -> bool:
        """Wait until everything that is there now has been read; False if that takes longer."""
        return self._loaded.wait(timeout)

    @property
    def load_cost(self) -> float:
        """How many seconds of CPU it took until all was read; 0.0 before."""
        return self._load_cost

    def end(self) -> None:
        """Kill it, and wait until it is gone: it has nothing to save."""
        self._server.kill()
        self._server.wait()
        _piped(self._server.stdin).close()

    def _follow(self, died: Callable[[str], None]) -> None:
        with _piped(self._server.stderr) as said:
            for line in self._lines(said.fileno()):
                self._hear(line)
        code = self._server.wait()
        died(" ".join([f"the data server ended ({_describe(code)})", *self._last_lines]))

    def _lines(self, pipe: int) -> Iterator[bytes]:
        """Yield what it says until it ends.

        It says twice a second that it looks for new data; waking up for that would be most of
        what an idle board costs. So once it has loaded, what it says waits in the pipe.
        """
        unfinished = b""
        while chunk := os.read(pipe, _CHUNK):
            *lines, unfinished = (unfinished + chunk).split(b"\n")
            yield from (line + b"\n" for line in lines)
            if self._loaded.is_set() and len(chunk) < _QUIET:
                _wait_for_end(pipe, _LISTEN_EVERY)
        if unfinished:
            yield unfinished

    def _hear(self, line: bytes) -> None:
        if _FINISHED in line and not self._loaded.is_set():
            self._load_cost = kernel.cpu_seconds(self._server.pid)
            self._loaded.set()
        if _CHATTER.match(line) or not self._is_news(line):
            return
        text = line.decode(errors="replace")
        self._last_lines.append(text.strip())
        sys.stderr.write(text)

    def _is_news(self, line: bytes) -> bool:
        words = _TIMESTAMP.sub(b"", line)
        if words in self._seen:
            return False
        if len(self._seen) >= _MOST_REMEMBERED:
            self._seen.clear()
        self._seen.add(words)
        return True


def find_binary() -> str | None:
    """Return the path of the installed data server, or None if there is none for this platform."""
    try:
        import tensorboard_data_server  # noqa: PLC0415 - an optional dependency of TensorBoard
    except ImportError:
        return None
    binary: str | None = tensorboard_data_server.server_binary()
    return binary


def _command(
    binary: str, logdir: str, samples_per_plugin: Mapping[str, int], *, port: int, port_pipe: int
) -> list[str]:
    samples = ",".join(f"{name}={count or 'all'}" for name, count in samples_per_plugin.items())
    return [
        binary,
        f"--logdir={logdir}",
        "--host=127.0.0.1",
        f"--port={port}",
        f"--port-file=/proc/self/fd/{port_pipe}",
        "--reload=1",
        f"--samples-per-plugin={samples}",
        "--die-after-stdin",
        "--verbose",
    ]


def _piped(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("the data server's stderr is a pipe")
    return stream


def _wait_for_end(pipe: int, seconds: float) -> None:
    """Wait until nobody can write into `pipe` any more, whatever comes; so many seconds at most."""
    poll = select.poll()
    poll.register(pipe, 0)  # POLLHUP and POLLERR are told always
    poll.poll(1000 * seconds)


def _describe(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"status {code}"
