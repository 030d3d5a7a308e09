"""TensorBoards as a service: one URL, hundreds of named boards on one small machine.

For scripts: `tbgateway.experiment` makes a training an experiment that boards show;
`tbgateway.Client` talks to a gateway and raises the classes of `tbgateway.errors`. All are loaded
when they are first used, and need the standard library only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tbgateway.client import Client
    from tbgateway.domain import errors
    from tbgateway.training.experiment import experiment
else:

    def __getattr__(name: str) -> object:
        match name:
            case "Client":
                return import_module("tbgateway.client").Client
            case "errors":
                return import_module("tbgateway.domain.errors")
            case "experiment":
                return import_module("tbgateway.training.experiment").experiment
        raise AttributeError(f"module 'tbgateway' has no attribute {name!r}")


__version__ = "0.1.0"
__all__ = ["Client", "__version__", "errors", "experiment"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
