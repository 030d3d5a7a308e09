"""TensorBoards as a service: one URL, hundreds of named boards on one small machine.

For scripts: `tbgateway.Client` talks to a gateway and raises the classes of `tbgateway.errors`.
Both are loaded when they are first used, and need the standard library only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tbgateway.client import Client
    from tbgateway.domain import errors
else:

    def __getattr__(name: str) -> object:
        match name:
            case "Client":
                return import_module("tbgateway.client").Client
            case "errors":
                return import_module("tbgateway.domain.errors")
        raise AttributeError(f"module 'tbgateway' has no attribute {name!r}")


__version__ = "0.1.0"
__all__ = ["Client", "__version__", "errors"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
