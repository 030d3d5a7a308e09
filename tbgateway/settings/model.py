"""Every setting, with its default. What stands below a setting is its documentation."""

import os
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.names import check_root_name
from tbgateway.settings.directories import (
    check_apart,
    check_runtime_dir,
    default_runtime_dir,
    default_state_dir,
)
from tbgateway.settings.values import (
    Addresses,
    Allowed,
    Count,
    CountOrZero,
    DefaultText,
    Directory,
    ForNewProcesses,
    Hosts,
    Live,
    Memory,
    Plugins,
    Proxies,
    PublicUrl,
    Rate,
    Samples,
    Seconds,
    SecondsOrZero,
)


class Section(BaseModel):
    """Settings that belong together; only a reload changes them while the gateway runs."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def replace_value(self, key: str, value: object) -> None:
        """Change a setting for all who have this section; the value must have been checked."""
        self.__dict__[key] = value  # `frozen` is for everybody else


def _check_root(name: str) -> str:
    try:
        return check_root_name(name)
    except InvalidInputError as error:
        raise ValueError(f"{error.detail} {error.hint}") from error


class Server(Section):
    """Where the gateway listens, and whom it believes."""

    listen: Addresses = ("127.0.0.1:8300",)
    """Where to listen. `fd:N` is a socket that the starting process hands over."""
    public_url: PublicUrl | None = None
    """The URL people use, when a proxy stands in front; a path in it is a prefix of all URLs."""
    trusted_proxies: Live[Proxies] = ()
    """Proxies whose `X-Forwarded-*` headers are believed; `unix` means peers on unix sockets."""
    allowed_hosts: Live[Hosts] = ()
    """Names that people use for the gateway, besides those that are known without an entry: the
    host of `public_url`, this machine's own names, `localhost`, IP addresses. Others get 421."""
    header_timeout: Seconds = 10.0
    """How long a client may take to send a request's headers."""
    keepalive_timeout: Seconds = 75.0
    """How long an idle connection stays open."""
    drain_timeout: Live[SecondsOrZero] = 10.0
    """How long a stopping gateway waits for requests in flight."""


class State(Section):
    """Where the gateway keeps what must survive a restart, and its sockets."""

    dir: Annotated[
        Directory, DefaultText("`$STATE_DIRECTORY`, else `~/.local/state/tbgateway`")
    ] = Field(default_factory=default_state_dir)
    """Database, logs and link trees, in no logdir. A local disk: SQLite's locks do not hold on
    NFS."""
    trees_dir: Annotated[Directory | None, DefaultText("`boards/<id>/logdir` in `state.dir`")] = (
        None
    )
    """Where boards' link trees are made, if not in `state.dir`; no other gateway may use it."""
    runtime_dir: Annotated[
        Directory,
        AfterValidator(check_runtime_dir),
        DefaultText("`$RUNTIME_DIRECTORY`, else in `$XDG_RUNTIME_DIR` or `state.dir`"),
    ] = Field(
        default_factory=lambda earlier: default_runtime_dir(earlier["dir"]), validate_default=True
    )
    """Sockets of the boards and the control socket. A short path: 85 bytes at most."""


class Logdir(Section):
    """A directory tree with experiments in it. `NAME = "/path"` is short for its `path`."""

    path: Directory
    """The directory whose first (or second) level holds experiments."""
    depth: Literal[1, 2] = 1
    """Which level below `path` the experiments are on; those of level 2 are `project/run`."""

    @model_validator(mode="before")
    @classmethod
    def _read_short_form(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str | os.PathLike) else value

    @field_validator("depth", mode="before")
    @classmethod
    def _read_digit(cls, value: object) -> object:
        return int(value) if value in ("1", "2") else value


class Experiments(Section):
    """How experiments are found and when they are over."""

    rescan_interval: Live[Seconds] = 10.0
    """How often the logdirs are looked through."""
    complete_after_idle: Live[Seconds] = 900.0
    """An experiment that wrote nothing for this long is completed, unless somebody holds it."""
    search_depth: Annotated[int, Field(ge=0, le=32), Allowed("integer from 0 to 32")] = 4
    """How deep below an experiment's directory event files are looked for; links: to the end."""
    new_in: Annotated[str | None, Allowed("name of a logdir")] = None
    """The logdir in which scripts make new experiments; if it is not set, the first one."""


class Boards(Section):
    """How TensorBoards are run."""

    launcher: Literal["forkserver", "exec"] = "forkserver"
    """`forkserver` forks boards from a loaded process; `exec` starts each one from nothing."""
    host: Annotated[Directory | None, Allowed("path of a socket")] = None
    """The socket of a host that runs the boards under another user; needs `state.trees_dir`."""
    isolation: Literal["require", "prefer"] = "require"
    """Without network namespaces, `require` uses TensorBoard's slower Python loader; `prefer`
    lets the fast data server listen on loopback, open to every local user."""
    idle_timeout: Live[SecondsOrZero] = 900.0
    """A board nobody looks at for this long sleeps; 0 means never. A board may have its own."""
    max_running: Live[CountOrZero] = 0
    """How many boards may run at a time; 0 means as many as `memory_budget` has room for."""
    memory_budget: Live[Memory] = "60%"
    """How much memory all boards may take; a share is one of the machine's, or of the cgroup's
    limit. Beyond it, the board nobody asked for the longest sleeps first."""
    board_memory: Live[Memory] = "25%"
    """How much one board may take before it counts as failed; a share is one of
    `memory_budget`, yet 1 GiB at least where the budget has that."""
    wake_timeout: Live[Seconds] = 60.0
    """How long a request waits for its sleeping board."""
    start_timeout: Live[Seconds] = 120.0
    """A board that is not ready by then counts as crashed."""
    stop_grace: Live[SecondsOrZero] = 3.0
    """How long a board process may take to end before it is killed."""
    first_load_timeout: ForNewProcesses[Seconds] = 60.0
    """How long a board's first load may take before it is shown as far as it is."""
    release_data_after: ForNewProcesses[SecondsOrZero] = 60.0
    """A running board that nobody asks for this long lets go of what it has read, unless reading
    takes more than a second; the next question has it read again. 0 means never."""
    requests_at_once: ForNewProcesses[Count] = 16
    """How many requests one board process gets at a time."""
    requests_queued: ForNewProcesses[CountOrZero] = 128
    """How many more may wait per board; beyond that the answer is 503."""
    log_bytes: ForNewProcesses[
        Annotated[int, Field(ge=10_000), Allowed("integer, 10000 or more")]
    ] = 1_000_000
    """How much of a board's log is kept, in bytes."""
    plugins: Plugins = ()
    """Third-party TensorBoard plugins that boards load; when empty, only TensorBoard's own."""
    samples_per_plugin: ForNewProcesses[Samples] = Field(default_factory=dict)
    """How many points TensorBoard keeps per tag, by plugin, where its own defaults do not fit."""


class Auth(Section):
    """How passwords are checked."""

    bcrypt_rounds: Annotated[int, Field(ge=4, le=20), Allowed("integer from 4 to 20")] = 12
    """The cost of a new password's hash: each step doubles the time of a check."""
    verifier_threads: Annotated[int, Field(ge=1, le=64), Allowed("integer from 1 to 64")] = 2
    """How many passwords are checked at the same time."""
    verifier_queue: Annotated[int, Field(ge=2), Allowed("integer, 2 or more")] = 64
    """How many checks may wait; no board or user gets more than half of it."""
    verdict_ttl: Live[SecondsOrZero] = 600.0
    """How long a right password is remembered; a wrong one 10 s at most."""
    throttle: Live[Rate] = "20/minute"
    """How many wrong passwords one client may try."""
    session_lifetime: Seconds = 1_209_600.0
    """How long a member who signed in with a browser stays signed in: 14 days."""


class Log(Section):
    """What is logged, to stderr."""

    level: Live[Literal["debug", "info", "warning", "error", "critical"]] = "info"
    """The least serious level that is written."""
    format: Literal["auto", "json", "console"] = "auto"
    """`auto` is `console` on a terminal and `json` elsewhere."""


class Settings(Section):
    """Everything an operator may set."""

    server: Server = Field(default_factory=Server)
    state: State = Field(default_factory=State)
    logdirs: Mapping[Annotated[str, AfterValidator(_check_root)], Logdir] = Field(
        default_factory=dict
    )
    experiments: Experiments = Field(default_factory=Experiments)
    boards: Boards = Field(default_factory=Boards)
    auth: Auth = Field(default_factory=Auth)
    log: Log = Field(default_factory=Log)

    @field_validator("logdirs")
    @classmethod
    def _check_logdirs(
        cls, logdirs: Mapping[str, Logdir], info: ValidationInfo
    ) -> Mapping[str, Logdir]:
        paths = [logdir.path for logdir in logdirs.values()]
        twice = next((path for path in paths if paths.count(path) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice} has more than one name")
        state: State | None = info.data.get("state")  # None if something is wrong with it
        if state is not None:
            for path in paths:
                check_apart(path, state.dir, state.runtime_dir)
        return logdirs

    @field_validator("experiments")
    @classmethod
    def _check_new_in(cls, experiments: Experiments, info: ValidationInfo) -> Experiments:
        logdirs = info.data.get("logdirs")  # None if something is wrong with them
        if experiments.new_in is None or logdirs is None or experiments.new_in in logdirs:
            return experiments
        known = ", ".join(logdirs) or "none"
        raise ValueError(f"new_in names no logdir: {experiments.new_in!r} (there are: {known})")
