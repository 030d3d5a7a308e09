"""One parameter's column of the HParams dashboard: its kind, and what its filter offers.

Stock TensorBoard takes columns as the first script on a board declared them, or else escapes what
is not ASCII in what a filter offers; rows whose value is not offered are then filtered out.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tensorboard.plugins.hparams import api_pb2

from tbgateway.worker.descriptions_file import Plain
from tbgateway.worker.param_values import as_text, is_mixed, to_plain

_TYPES = {
    bool: api_pb2.DATA_TYPE_BOOL,
    float: api_pb2.DATA_TYPE_FLOAT64,
    str: api_pb2.DATA_TYPE_STRING,
}


@dataclass(slots=True)
class Column:
    """What scripts `declared` of a parameter (`HParamInfo`), and the `values` in all sessions."""

    declared: list[Any] = field(default_factory=list)
    values: list[Plain] = field(default_factory=list)

    @property
    def mixed(self) -> bool:
        """Whether its values are of more than one kind: all must be text then."""
        return is_mixed((*self.values, *self._choices(), *self._bounds()))

    def to_info(self, name: str) -> Any:  # noqa: ANN401 - protocol buffers have no types
        """Return an `HParamInfo` whose domain holds all values."""
        info = api_pb2.HParamInfo(name=name, differs=len(set(self.values)) > 1)
        for first in self.declared[:1]:
            info.display_name, info.description = first.display_name, first.description
            info.type = first.type
        known = [*self.values, *self._choices(), *self._bounds()]
        if self.mixed:
            known = list(map(as_text, known))
        if known:
            info.type = _TYPES[type(known[0])]
            self._fill_domain(info, known)
        return info

    def _fill_domain(self, info: Any, known: Sequence[Plain]) -> None:  # noqa: ANN401 - as above
        if info.type == api_pb2.DATA_TYPE_FLOAT64 and not self._offers_choices_only():
            info.domain_interval.min_value = min(known)
            info.domain_interval.max_value = max(known)
        else:
            info.domain_discrete.extend(sorted(set(known)))

    def _offers_choices_only(self) -> bool:
        return bool(self.declared) and all(one.HasField("domain_discrete") for one in self.declared)

    def _choices(self) -> Iterable[Plain]:
        for one in self.declared:
            plains = map(to_plain, one.domain_discrete.values)
            yield from (plain for plain in plains if plain is not None)

    def _bounds(self) -> Iterable[Plain]:
        for one in self.declared:
            if one.HasField("domain_interval"):
                ends = (one.domain_interval.min_value, one.domain_interval.max_value)
                yield from filter(math.isfinite, ends)
