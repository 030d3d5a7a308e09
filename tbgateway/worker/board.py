"""One board: TensorBoard driven through its public interface, on a socket it inherited.

Private names relied on, all of `program.TensorBoard`: `_make_data_ingester`, overridden for the
Python loader only (without it TensorBoard's own runs, and the board serves before its first load
has ended), `_make_data_provider`, whose result is joined with the descriptions (without it they
are not shown), and `_register_info`, overridden so that nothing is written (without it TensorBoard
writes its info file into the board's TMPDIR).
"""

import gc
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

from tensorboard import program

from tbgateway.worker.board_server import BoardServer
from tbgateway.worker.contained_plugin import ContainedPlugin
from tbgateway.worker.data_hold import DataHold
from tbgateway.worker.described_provider import DescribedProvider
from tbgateway.worker.descriptions_file import DescriptionsFile
from tbgateway.worker.groundwork import Groundwork
from tbgateway.worker.held_provider import HeldProvider
from tbgateway.worker.local_ingester import LocalIngester
from tbgateway.worker.projector_guard import ProjectorLoader
from tbgateway.worker.status import Status
from tbgateway.worker.template import Template
from tbgateway.worker.trouble_watch import watch_troubles

_PYTHON_RELOAD_INTERVAL = 2.0  # seconds; each round walks the whole logdir

Gate = Callable[[float], bool]
"""Waits for the first load, so many seconds at most; says whether it is over."""


def run_board(groundwork: Groundwork, template: Template) -> NoReturn:
    """Serve until told to end, then end the process: never return to whoever forked it."""
    try:
        code = _serve(groundwork, template)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException as error:  # noqa: BLE001 - whatever it is, this process must not go on
        traceback.print_exc()
        groundwork.status.die(f"{type(error).__name__}: {error}")
    sys.stderr.flush()
    # No exit handlers: they are the forkserver's, and everything of ours ends with the process.
    os._exit(code)


def _serve(groundwork: Groundwork, template: Template) -> int:
    data = groundwork.data
    loaded = threading.Event()
    if data is None:
        gate: Gate = loaded.wait if hasattr(program.TensorBoard, "_make_data_ingester") else _open
        flags = _python_flags()
    else:
        gate = data.wait_until_loaded
        flags = {"reload_interval": 1.0}

    def about_to_serve() -> None:
        _await_first_load(groundwork, gate, template.problems)
        gc.enable()
        _watch_projector(template, groundwork)
        if data is not None:
            data.let_go_when_unused()

    def make_server(app: Any, _flags: Any) -> BoardServer:  # noqa: ANN401 - TensorBoard has no types
        template.server.take(app, groundwork.listener, groundwork.gateway, about_to_serve)
        return template.server

    _hear_plugins(template, groundwork.status)
    descriptions = DescriptionsFile(groundwork.order.descriptions)
    tensorboard = _BoardTensorBoard(template, make_server, data or loaded, descriptions)
    template.configure(tensorboard, {**_common_flags(groundwork), **flags})
    if data is not None:
        # Only now: it has been coming up beside all of the above.
        tensorboard.flags.grpc_data_provider = data.address()
    code: int = tensorboard.main()
    return code


def _hear_plugins(template: Template, status: Status) -> None:
    for plugin in template.plugins:
        if isinstance(plugin, ContainedPlugin):
            plugin.complain = status.note


def _watch_projector(template: Template, groundwork: Groundwork) -> None:
    data = groundwork.data
    for plugin in template.plugins:
        if isinstance(plugin, ProjectorLoader) and plugin.survey is not None:
            look = plugin.survey.problems
            problems = look if data is None else partial(data.look_on, look)
            watch_troubles(problems, groundwork.status.trouble)


def _await_first_load(groundwork: Groundwork, gate: Gate, notes: tuple[str, ...]) -> None:
    order, status = groundwork.order, groundwork.status
    status.loading("reading event files")
    late: tuple[str, ...] = ()
    if not gate(order.first_load_timeout):
        late = (f"opened before its first load was over, after {order.first_load_timeout:g} s",)
    loads_itself = groundwork.data is None
    status.serving((*groundwork.notes, *late, *notes), loads_itself=loads_itself)


def _open(_timeout: float) -> bool:
    return True


def _common_flags(groundwork: Groundwork) -> Mapping[str, object]:
    return {
        "logdir": groundwork.order.logdir,
        "window_title": groundwork.order.title,
        "samples_per_plugin": dict(groundwork.order.samples_per_plugin),
    }


def _python_flags() -> Mapping[str, object]:
    return {
        "load_fast": "false",
        "reload_interval": _PYTHON_RELOAD_INTERVAL,
        "reload_multifile": True,
    }


class _BoardTensorBoard(program.TensorBoard):  # type: ignore[misc] # TensorBoard has no types
    """TensorBoard without its own socket and info file.

    It reads `data`, or loads by itself and sets the event when it has.
    """

    def __init__(
        self,
        template: Template,
        make_server: Callable[[Any, Any], BoardServer],
        data: DataHold | threading.Event,
        descriptions: DescriptionsFile,
    ) -> None:
        super().__init__(
            plugins=template.plugins,
            assets_zip_provider=template.assets_zip_provider,
            server_class=make_server,
        )
        self._data = data
        self._descriptions = descriptions

    def _make_data_ingester(self) -> Any:  # noqa: ANN401 - TensorBoard has no types
        if isinstance(self._data, DataHold):
            return super()._make_data_ingester()
        ingester = LocalIngester(self.flags, self._data)
        ingester.start()
        return ingester

    def _make_data_provider(self) -> Any:  # noqa: ANN401 - TensorBoard has no types
        stock, multiplexer = super()._make_data_provider()
        if isinstance(self._data, DataHold):
            stock = HeldProvider(stock, self._data)
        return DescribedProvider(stock, self._descriptions), multiplexer

    def _register_info(self, server: object) -> None:
        """Write no info file: nobody looks for it, and a full disk must not keep a board down."""
