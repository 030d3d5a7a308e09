"""TensorBoard's data, asked for only while it is held in memory.

Relied on, public: the methods of `DataProvider` return their whole answer, not a promise of it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from tbgateway.worker.data_hold import DataHold


class HeldProvider:
    """The data provider `stock` over a data server that `hold` holds."""

    def __init__(self, stock: Any, hold: DataHold) -> None:  # noqa: ANN401 - TensorBoard has no types
        self._stock = stock
        self._hold = hold

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the provider has
        found = getattr(self._stock, name)
        return self._asked_within(found) if callable(found) else found

    def _asked_within(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(ask)
        def asked(*args: object, **kwargs: object) -> Any:  # noqa: ANN401 - as above
            with self._hold.use():
                return ask(*args, **kwargs)

        return asked
