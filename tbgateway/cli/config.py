"""tbgateway config: the gateway's settings."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from cyclopts import App

from tbgateway.cli.session import Use

app = App(name="config", help="The gateway's settings.")


@app.command
def show(*, config: Path | None = None, session: Use) -> None:
    """Print the settings that `tbgateway serve` would have: from file, environment and defaults.

    Args:
        config: The TOML file.

    """
    from tbgateway.settings import load_settings  # noqa: PLC0415 - the server's side is slow to load

    settings = load_settings(config, {}).model_dump(mode="json")
    if session.json:
        session.terminal.result(settings)
    else:
        session.terminal.table(("SETTING", "VALUE"), list(_rows(settings)))


def _rows(settings: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    for section, keys in settings.items():
        for key, value in keys.items():
            shown = "not set" if value is None else json.dumps(value, ensure_ascii=False)
            yield f"{section}.{key}", shown
