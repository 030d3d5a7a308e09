"""What launchers, forkserver and boards say to each other: plain records that travel as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import get_args


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Run one board. Travels with four descriptors, see `Descriptors`.

    `temporary` is the process's TMPDIR and exists; if it is "", whoever forks makes one, and
    removes it afterwards; `descriptions` is "" if there are none;
    `group` is the directory of the control group to enter, or ""; the other fields mean what they
    mean in a LaunchSpec.
    """

    launch_id: str
    title: str
    logdir: str
    temporary: str
    isolation: str = "require"
    loader: str = "auto"
    first_load_timeout: float = 60.0
    release_data_after: float = 0.0
    samples_per_plugin: Mapping[str, int] = field(default_factory=dict)
    readable: Sequence[str] = field(default_factory=list)
    descriptions: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The forkserver has imported TensorBoard; `problems` names the plugins it does without."""

    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Launched:
    """A board process exists: its pid and the kernel's start time of it, in clock ticks."""

    launch_id: str
    pid: int
    started: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A board process could not be made."""

    launch_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A board process is over: its exit status, negative for a signal."""

    launch_id: str
    pid: int
    code: int


@dataclass(frozen=True, slots=True)
class Loading:
    """A board says what it is busy with before it serves."""

    what: str


@dataclass(frozen=True, slots=True)
class Serving:
    """A board accepts requests; `notes` say which loader runs and why, and which plugins fail.

    Said again when there is more to note. `loads_itself` is set where no data server reads for it.
    """

    notes: Sequence[str] = ()
    loads_itself: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a run out of a dashboard; nothing does any more if `why` is empty."""

    run: str
    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A board is about to end, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Begin:
    """A host is to start a forkserver with these options.

    Travels with two descriptors: the forkserver's end of a Channel, and what takes its stderr.
    """

    options: Sequence[str]


@dataclass(frozen=True, slots=True)
class Begun:
    """A forkserver was started: its pid, and the kernel's start time of it, in clock ticks."""

    pid: int
    started: int


@dataclass(frozen=True, slots=True)
class Signal:
    """A host is to send a signal to that process of its user; there is no answer."""

    pid: int
    started: int
    number: int


@dataclass(frozen=True, slots=True)
class Weigh:
    """A host is to tell the memory of that process of its user."""

    pid: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """A process's memory (PSS) in bytes; below 0 if it cannot be told."""

    memory: int


Message = (
    Order | Ready | Launched | Refused | Ended | Loading | Serving | Trouble | Failed
    | Begin | Begun | Signal | Weigh | Weighed
)  # fmt: skip

_KINDS: dict[str, type[Message]] = {kind.__name__.lower(): kind for kind in get_args(Message)}


def encode(message: Message) -> bytes:
    """Return `message` as one line of JSON, without the newline."""
    return json.dumps({"say": type(message).__name__.lower(), **asdict(message)}).encode()


def decode(line: bytes) -> Message:
    """Read a message back; raise ValueError if `line` is none."""
    try:
        fields = json.loads(line)
        return _KINDS[fields.pop("say")](**fields)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a message: {line[:200]!r}") from error
