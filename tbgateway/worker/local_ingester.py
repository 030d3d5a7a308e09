"""TensorBoard's in-process Python loader: the fallback where the Rust data server may not run.

Relied on, all public: `LocalDataIngester(flags)`, its `data_provider` and
`deprecated_multiplexer`, and `AddRun` and `Reload` of the multiplexer. Only `start` is replaced:
the stock one follows cycles of links some forty levels deep, ends for good at the first error and
tells nobody when the first load is done.
"""

import sys
import threading
import time
import traceback
from typing import Any

from tensorboard.backend.event_processing import data_ingester

from tbgateway.worker.run_directories import RunDirectories


class LocalIngester(data_ingester.LocalDataIngester):  # type: ignore[misc] # TensorBoard has no types
    """Loads event files in a thread of this process; `loaded` is set after the first round."""

    def __init__(self, flags: Any, loaded: threading.Event) -> None:  # noqa: ANN401 - TensorBoard has no types
        super().__init__(flags)
        self._loaded = loaded
        self._interval: float = flags.reload_interval
        self._directories = RunDirectories(flags.logdir, _complain)

    def start(self) -> None:
        """Begin to load, and go on for ever."""
        threading.Thread(target=self._reload_forever, name="reloader", daemon=True).start()

    def _reload_forever(self) -> None:
        while True:
            try:
                self._reload()
            except Exception:  # noqa: BLE001 - one bad file must not end the loading of all others
                traceback.print_exc()
            self._loaded.set()
            time.sleep(self._interval)

    def _reload(self) -> None:
        for name, path in self._directories.find():
            self.deprecated_multiplexer.AddRun(path, name)
        self.deprecated_multiplexer.Reload()


def _complain(complaint: str) -> None:
    sys.stderr.write(f"{complaint}\n")
