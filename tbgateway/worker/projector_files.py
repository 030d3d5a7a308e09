"""What lies in a run's directory for the projector, and what is wrong with it, in plain words.

The words go to everybody who may look at the board: they name files as `projector_config.pbtxt`
names them, and never a directory of this machine.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import text_format

from tbgateway.worker.tensor_files import Shape, TensorFileError, shape_of

CONFIG = "projector_config.pbtxt"

_PLACES = ("plugins/org_tensorflow_tensorboard_projector", "")  # below a run; the first one counts
_LARGEST_CONFIG = 1_048_576  # bytes
_LONGEST_NAME = 80  # characters of a path that are shown
_MOST_TOLD = 3  # problems of one run
_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:")
_SIDE_FILES = ("metadata_path", "bookmarks_path")


class UnusableError(Exception):
    """A file is missing, damaged or not to be read; the text says which and why."""


@dataclass(slots=True)
class ProjectorFiles:
    """One run's part of the projector: `config` is None if there is nothing to show.

    `looked_at` are the paths whose change means that all is to be looked at again.
    """

    path: str
    config: Any = None
    problems: list[str] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)

    @property
    def problem(self) -> str:
        """What is wrong, in one line; "" if nothing is."""
        told, rest = self.problems[:_MOST_TOLD], len(self.problems) - _MOST_TOLD
        return "; ".join([*told, f"and {rest} more"] if rest > 0 else told)


def find_config(directory: str) -> str | None:
    """Return the path of a run's projector configuration, be it a broken link; None without one."""
    paths = (os.path.join(directory, place, CONFIG) for place in _PLACES)  # noqa: PTH118 - Path is slow, and there are hundreds of runs
    return next((path for path in paths if os.path.lexists(path)), None)


def possible_directories(directory: str) -> Iterator[str]:
    """Yield a run's directories whose change may bring a configuration, itself first."""
    yield directory
    for part in _PLACES[0].split("/"):
        directory = os.path.join(directory, part)  # noqa: PTH118 - as above
        yield directory


def read_files(path: str, experiment: str, make_config: Callable[[], Any]) -> ProjectorFiles:
    """Read the configuration at `path` and look at all files it names.

    `experiment` is the real path of the directory out of which nothing may lead.
    """
    files = ProjectorFiles(path, looked_at=[path])
    try:
        config = _parse(path, experiment, make_config())
    except UnusableError as error:
        files.problems.append(str(error))
        return files
    config.ClearField("model_checkpoint_path")  # only TensorFlow reads these, from anywhere
    usable = [one for one in config.embeddings if _is_usable(one, files)]
    files.config = make_config() if usable else None
    if files.config is not None:
        files.config.embeddings.extend(usable)
    return files


def _parse(path: str, experiment: str, config: Any) -> Any:  # noqa: ANN401 - a protocol buffer
    if not _is_within(os.path.realpath(path), experiment):
        raise UnusableError(f"{CONFIG} leads out of the experiment")
    try:
        return text_format.Parse(_read(path), config)
    except text_format.ParseError as error:
        line = error.GetLine()
        where = f": see line {line}" if line else ""
        raise UnusableError(f"{CONFIG} cannot be parsed{where}") from error
    except UnicodeDecodeError as error:
        raise UnusableError(f"{CONFIG} cannot be parsed: it is no text") from error
    except RecursionError as error:
        raise UnusableError(f"{CONFIG} cannot be parsed: it is nested too deeply") from error
    except FileNotFoundError as error:
        raise UnusableError(f"{CONFIG} is a link that leads nowhere") from error
    except OSError as error:
        raise UnusableError(f"{CONFIG} cannot be read: {error.strerror}") from error


def _read(path: str) -> str:
    status = os.stat(path)  # noqa: PTH116 - as above
    if not stat.S_ISREG(status.st_mode):
        raise UnusableError(f"{CONFIG} is not a file")
    if status.st_size > _LARGEST_CONFIG:
        raise UnusableError(f"{CONFIG} is larger than {_LARGEST_CONFIG >> 20} MiB")
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as above
        return file.read(_LARGEST_CONFIG)


def _is_usable(embedding: Any, files: ProjectorFiles) -> bool:  # noqa: ANN401 - a protocol buffer
    """Complete one embedding and drop what it cannot have; False if it has no points."""
    try:
        shape = _tensor_shape(embedding, files)
    except UnusableError as error:
        files.problems.append(str(error))
        return False
    tensor_name = embedding.tensor_name or os.path.basename(embedding.tensor_path)  # noqa: PTH119 - text of a file
    embedding.tensor_name = tensor_name.removesuffix(":0")
    embedding.tensor_shape[:] = shape
    for holder, attribute in _side_files(embedding):
        try:
            _resolve(getattr(holder, attribute), files)
        except UnusableError as error:
            holder.ClearField(attribute)
            files.problems.append(f"{error}: the points are shown without it")
    return True


def _side_files(embedding: Any) -> Iterator[tuple[Any, str]]:  # noqa: ANN401 - a protocol buffer
    for attribute in _SIDE_FILES:
        if getattr(embedding, attribute):
            yield embedding, attribute
    if embedding.sprite.image_path:
        yield embedding.sprite, "image_path"


def _tensor_shape(embedding: Any, files: ProjectorFiles) -> Shape:  # noqa: ANN401 - a protocol buffer
    text = embedding.tensor_path
    if not text:
        raise UnusableError(
            f"{CONFIG} has an embedding without tensor_path (checkpoints do not do)"
        )
    path = _resolve(text, files)
    try:
        return shape_of(path, tuple(embedding.tensor_shape))
    except TensorFileError as error:
        raise UnusableError(f"{_shown(text)} {error}") from error
    except OSError as error:
        raise UnusableError(f"{_shown(text)} cannot be read: {error.strerror}") from error


def _resolve(text: str, files: ProjectorFiles) -> str:
    """Return the path that `text` means, by the rule of the projector; it is a file's."""
    named = f"{CONFIG} names {_shown(text)}, which"
    directory = os.path.realpath(os.path.dirname(files.path))  # noqa: PTH120 - as above
    path = os.path.join(directory, os.path.expanduser(text))  # noqa: PTH111, PTH118 - as the projector does
    files.looked_at.append(path)
    try:
        if not _is_within(os.path.realpath(path), directory):
            raise UnusableError(f"{named} leads out of the directory of {CONFIG}")
        status = os.stat(path)  # noqa: PTH116 - as above
    except (OSError, ValueError) as error:
        hint = " (paths are written with /)" if "\\" in text else ""
        raise UnusableError(f"{named} is not there{hint}") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnusableError(f"{named} is not a file")
    return path


def _is_within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _shown(text: str) -> str:
    """Quote a path of a file's, only its last part if it is absolute."""
    relative = re.split(r"[/\\]", text)[-1] if _ABSOLUTE.match(text) else text
    printable = "".join(one if one.isprintable() else "?" for one in relative)
    long = len(printable) > _LONGEST_NAME
    return f'"{"…" if long else ""}{printable[-_LONGEST_NAME:]}"'
