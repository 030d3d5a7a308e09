"""`tbgateway.experiment`: what one line of a training script asks for."""

import os
from collections.abc import Mapping, Sequence

from tbgateway.training.training import Training
from tbgateway.training.wanted import (
    Wanted,
    checked_address,
    checked_boards,
    checked_directory,
    checked_lease,
    checked_name,
    checked_told,
    token_in,
)

__all__ = ["Training", "experiment"]


def experiment(  # noqa: PLR0913 - it is the whole of what a script may say, each by its name
    name: str,
    *,
    boards: str | Sequence[str] | None = (),
    params: Mapping[str, object] | None = None,
    tags: str | Sequence[str] | None = (),
    notes: str | None = "",
    logdir: str | os.PathLike[str] | None = None,
    create_boards: bool = True,
    resume: bool = False,
    url: str | None = None,
    token_file: str | os.PathLike[str] | None = None,
    lease: float = 60.0,
) -> Training:
    """Return an experiment that begins with `with`, or with its `start`, and has a `logdir`.

    It is put on `boards`, which are made if need be and `create_boards`. With `resume` it goes on
    in the directory of its name, else it gets one of its own. `url` and `token_file` name a
    gateway; without them it is found as commands find it. A script that is not heard of for `lease`
    seconds (10 to 86400) counts as lost.

    Raise InvalidInputError for what cannot be. A gateway that is away, or that refuses, never
    raises: a warning says so, once, and the training goes on.
    """
    return Training(
        Wanted(
            name=checked_name(name),
            boards=checked_boards(boards),
            told=checked_told(params, tags, notes or None),
            logdir=checked_directory(logdir),
            create_boards=bool(create_boards),
            resume=bool(resume),
            lease=checked_lease(lease),
            address=checked_address(url),
            token=token_in(token_file),
        )
    )
