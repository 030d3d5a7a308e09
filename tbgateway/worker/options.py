"""What the worker's entry points take before the descriptor and the pid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

_WITHOUT_ASSETS = "--without-assets"
_PLUGIN = "--plugin="
_LEFT_OUT = "--left-out="


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is the same for all boards of a launcher.

    Boards without assets have none of TensorBoard's web files: the gateway serves them. `plugins`
    names the third-party plugins that are allowed; `left_out` says which of them are known not to
    work.
    """

    with_assets: bool = True
    plugins: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def arguments(self) -> tuple[str, ...]:
        """Return the options as a command line has them."""
        assets = () if self.with_assets else (_WITHOUT_ASSETS,)
        plugins = (f"{_PLUGIN}{name}" for name in self.plugins)
        left_out = (f"{_LEFT_OUT}{problem}" for problem in self.left_out)
        return (*assets, *plugins, *left_out)

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> Self:
        """Read what `arguments` made; whatever else there is is left alone."""
        return cls(
            with_assets=_WITHOUT_ASSETS not in arguments,
            plugins=_given(arguments, _PLUGIN),
            left_out=_given(arguments, _LEFT_OUT),
        )


def _given(arguments: Sequence[str], option: str) -> tuple[str, ...]:
    return tuple(one.removeprefix(option) for one in arguments if one.startswith(option))
