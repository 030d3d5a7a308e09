from pathlib import Path

import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.settings import Settings, load_settings


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return tmp_path / "tbgateway.toml"


def refusal(config_file: Path | None = None, overrides: dict[str, object] | None = None) -> str:
    with pytest.raises(InvalidInputError) as refused:
        load_settings(config_file, overrides or {})
    return f"{refused.value.detail}\n{refused.value.hint}"


def test_nothing_need_be_set() -> None:
    settings = load_settings(None, {})

    assert settings.server.listen == ("127.0.0.1:8300",)
    assert settings.boards.idle_timeout == 900.0
    assert settings.logdirs == {}


def test_flag_beats_environment_beats_file_beats_default(
    config_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file.write_text(
        "[boards]\nidle_timeout = 1\nwake_timeout = 1\nstart_timeout = 1\n", encoding="utf-8"
    )
    monkeypatch.setenv("TBGATEWAY_BOARDS__IDLE_TIMEOUT", "2")
    monkeypatch.setenv("TBGATEWAY_BOARDS__WAKE_TIMEOUT", "2")

    boards = load_settings(config_file, {"boards.idle_timeout": 3}).boards

    assert (boards.idle_timeout, boards.wake_timeout, boards.start_timeout) == (3, 2, 1)
    assert boards.stop_grace == 3.0


def test_overrides_may_be_nested_and_none_means_not_given() -> None:
    overrides = {"server": {"listen": ["fd:3"]}, "server.public_url": None, "log.level": "debug"}

    settings = load_settings(None, overrides)

    assert settings.server.listen == ("fd:3",)
    assert settings.server.public_url is None
    assert settings.log.level == "debug"


def test_a_logdir_is_a_path_or_a_table(config_file: Path) -> None:
    config_file.write_text(
        '[logdirs]\nruns = "/data/runs"\n[logdirs.more]\npath = "/data/more"\ndepth = 2\n',
        encoding="utf-8",
    )

    logdirs = load_settings(config_file, {"logdirs": {"flagged": "relative"}}).logdirs

    assert logdirs["runs"].path == Path("/data/runs")
    assert logdirs["runs"].depth == 1
    assert logdirs["more"].path == Path("/data/more")
    assert logdirs["more"].depth == 2
    assert logdirs["flagged"].path == Path.cwd() / "relative"


def test_the_environment_holds_lists_tables_and_logdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TBGATEWAY_SERVER__LISTEN", "127.0.0.1:1, unix:/run/x")
    monkeypatch.setenv("TBGATEWAY_BOARDS__SAMPLES_PER_PLUGIN", "scalars=1000,images=0")
    monkeypatch.setenv("TBGATEWAY_LOGDIRS__RUNS", "/data/runs")
    monkeypatch.setenv("TBGATEWAY_LOGDIRS__RUNS__DEPTH", "2")

    settings = load_settings(None, {})

    assert settings.server.listen == ("127.0.0.1:1", "unix:/run/x")
    assert settings.boards.samples_per_plugin == {"scalars": 1000, "images": 0}
    assert settings.logdirs["runs"].path == Path("/data/runs")
    assert settings.logdirs["runs"].depth == 2


def test_the_clients_variables_and_empty_ones_are_no_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TBGATEWAY_URL", "http://elsewhere")
    monkeypatch.setenv("TBGATEWAY_TOKEN", "tbg_0_0")
    monkeypatch.setenv("TBGATEWAY_SERVER__PUBLIC_URL", "")

    assert load_settings(None, {}).server.public_url is None


def test_an_unknown_key_in_a_file_is_refused_with_a_suggestion(config_file: Path) -> None:
    config_file.write_text("[boards]\nidle_timout = 5\n", encoding="utf-8")

    text = refusal(config_file)

    assert str(config_file) in text
    assert "boards.idle_timout" in text
    assert "Did you mean idle_timeout?" in text


@pytest.mark.parametrize(
    ("variable", "suggestion"),
    [
        ("TBGATEWAY_SERVER__LISSTEN", "Did you mean listen?"),
        ("TBGATEWAY_SEVER__LISTEN", "Did you mean server?"),
        ("TBGATEWAY_SERVER__IDLE_TIMEOUT", "Did you mean boards.idle_timeout?"),
        ("TBGATEWAY_LOG__ZZZ", "The keys of [log] are level, format."),
    ],
)
def test_an_unknown_key_in_the_environment_is_refused_with_a_suggestion(
    variable: str, suggestion: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")

    text = refusal()

    assert variable in text
    assert suggestion in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("listen = ['fd:3']\n", "Did you mean server.listen?"),
        ("[zzz]\n", "The sections are server, "),
        ("[logdirs.runs]\npath = '/x'\ndepht = 2\n", "Did you mean depth?"),
        ("[logdirs.runs]\ndepth = 1\n", "path: field required"),
        ("[logdirs]\na = '/x'\nb = '/x/'\n", "/x has more than one name"),
        ("[logdirs]\n'a b' = '/x'\n", "'a b' cannot name a logdir root"),
        ("[state]\ndir = '/x/y'\n[logdirs]\na = '/x/'\n", "/x/y, where the gateway keeps"),
        ("[state]\ndir = '/x/z/../y'\n[logdirs]\na = '/x/y'\n", "lies in the logdir root /x/y"),
        ("[state]\nruntime_dir = '/x'\n[logdirs]\na = '/'\n", "lies in the logdir root /"),
        ("[experiments]\nnew_in = 'b'\n[logdirs]\na = '/x'\n", "no logdir: 'b' (there are: a)"),
        ("[experiments]\nnew_in = 'b'\n", "no logdir: 'b' (there are: none)"),
        ("[server]\nlisten = nonsense\n", "is not valid TOML"),
        ("[server]\nlisten = []\n", 'takes: list of "HOST:PORT"'),
        ("[server]\nlisten = ['8300']\n", "'8300' is no address"),
        ("[server]\npublic_url = 'ftp://host'\n", "it must begin with http:// or https://"),
        ("[server]\npublic_url = 'https://host/?a=b'\n", "may not have a query"),
        ("[server]\npublic_url = 'https://host/a//b'\n", "single slashes"),
        ("[server]\npublic_url = 'https://host/../b'\n", "single slashes"),
        ("[server]\npublic_url = 'https://:80/'\n", "it must name a host"),
        ("[server]\ntrusted_proxies = ['10.0.0.1/8']\n", "host bits set"),
        ("[server]\nallowed_hosts = ['http://host']\n", "is no host name"),
        ("[server]\nallowed_hosts = ['ml_server']\n", "'ml_server' has a '_'"),
        ("[server]\npublic_url = 'http://ml_server:81'\n", "'ml_server:81' has a '_'"),
        ("[state]\ndir = ''\n", "may not be empty"),
        ("[state]\ndir = '~nobody-of-this-name/x'\n", "home directory of nobody"),
        ("[boards]\nidle_timeout = nan\n", "seconds, 0 or more"),
        ("[boards]\nwake_timeout = 0\n", "seconds, more than 0"),
        ("[boards]\nlauncher = 'slurm'\n", '"forkserver" or "exec"'),
        ("[boards]\nsamples_per_plugin = { scalars = -1 }\n", "scalars: "),
        ("[auth]\nbcrypt_rounds = 40\n", "integer from 4 to 20"),
        ("[auth]\nthrottle = '0/minute'\n", '"N/second"'),
        ("[auth]\nthrottle = '20/minute;3/second'\n", "is no rate"),
        ("[log]\nformat = 'xml'\n", '"auto", "json" or "console"'),
    ],
)
def test_a_refusal_names_the_file_and_what_is_allowed(
    content: str, words: str, config_file: Path
) -> None:
    config_file.write_text(content, encoding="utf-8")

    text = refusal(config_file)

    assert str(config_file) in text
    assert words in text


def test_all_wrong_values_are_told_at_once(config_file: Path) -> None:
    config_file.write_text("[boards]\nwake_timeout = 0\n", encoding="utf-8")

    text = refusal(config_file, {"log.level": "loud", "state.dir": ""})

    assert f"{config_file}, [boards] wake_timeout: " in text
    assert "command line, log.level: " in text
    assert "command line, state.dir: " in text
    assert "runtime_dir" not in text  # its default follows from state.dir


def test_a_password_in_the_public_url_is_not_repeated() -> None:
    assert "hunter2" not in refusal(None, {"server.public_url": "https://me:hunter2@host/"})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'none'} cannot be read" in refusal(tmp_path / "none")
    assert "cannot be read" in refusal(tmp_path)


def test_bytes_that_are_no_text_are_refused(config_file: Path) -> None:
    config_file.write_bytes(b"[log]\nlevel = '\xff'\n")

    assert "is not valid TOML" in refusal(config_file)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Example.org", "https://example.org"),
        ("https://example.org/", "https://example.org"),
        ("http://h:81/team/tb/", "http://h:81/team/tb"),
        ("http://[::1]:81/tb", "http://[::1]:81/tb"),
    ],
)
def test_a_public_url_is_kept_without_its_last_slash(url: str, kept: str) -> None:
    assert load_settings(None, {"server.public_url": url}).server.public_url == kept


def test_settings_do_not_change() -> None:
    settings = Settings()

    with pytest.raises(ValueError, match="frozen"):
        settings.log.level = "debug"


def test_a_default_directory_too_long_for_sockets_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tbgateway.settings.directories._xdg_runtime_dir", lambda: None)
    monkeypatch.setenv("XDG_STATE_HOME", "/" + "x" * 90)
    assert "state.runtime_dir: /xxx" in refusal()
