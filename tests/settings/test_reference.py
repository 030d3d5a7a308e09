import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tbgateway.settings import SettingDescription, describe_settings, load_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "tbgateway.toml"
REFERENCE = ROOT / "docs" / "settings.md"
MADE_UP = ("`", "not set", "required")  # defaults that the example replaces by something likely


def active_example() -> dict[str, dict[str, object]]:
    """Return the example with every setting taken out of its comment."""
    text = re.sub(r"^#(?=\S)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return tomllib.loads(text)


def example_value(setting: SettingDescription) -> object:
    name, _, key = setting.key.rpartition(".")
    section = active_example()[setting.section]
    table = section[name] if name else section
    assert isinstance(table, dict)
    return table[key]


def table_rows() -> Iterator[tuple[str, str]]:
    section = ""
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.strip("#` []")
        elif line.startswith("| `"):
            yield section, line


def row(setting: SettingDescription) -> str:
    prose = setting.default.startswith(MADE_UP)
    default = setting.default if prose else f"`{setting.default}`"
    return f"| `{setting.key}` | {setting.type} | {default} | {setting.reload} | {setting.doc} |"


def test_every_setting_is_described() -> None:
    for setting in describe_settings():
        assert setting.type
        assert setting.default
        assert setting.doc.endswith((".", "`")), setting


def test_the_example_names_every_setting_and_no_other() -> None:
    in_code = {(setting.section, setting.key) for setting in describe_settings()}
    in_example = {
        (section, key) for section, table in active_example().items() for key in table
    } - {("logdirs", "runs"), ("logdirs", "NAME")}

    assert in_example == {one for one in in_code if one[0] != "logdirs"}


@pytest.mark.parametrize("setting", describe_settings(), ids=lambda one: f"{one.section}.{one.key}")
def test_the_example_shows_the_default(setting: SettingDescription) -> None:
    value = example_value(setting)

    if not setting.default.startswith(MADE_UP):
        assert value == tomllib.loads(f"value = {setting.default}")["value"]
    text = EXAMPLE.read_text(encoding="utf-8")
    prose = " ".join(line.lstrip("# ") for line in text.splitlines())
    assert setting.doc.replace("`", "") in prose


def test_the_example_changes_nothing_as_it_is() -> None:
    assert load_settings(EXAMPLE, {}) == load_settings(None, {})


def test_the_example_loads_with_every_setting_in_force(tmp_path: Path) -> None:
    text = re.sub(r"^#(?=\S)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    config_file = tmp_path / "tbgateway.toml"
    config_file.write_text(text, encoding="utf-8")

    settings = load_settings(config_file, {})

    assert settings.server.public_url is not None
    assert settings.server.public_url.endswith("/team/tb")
    assert set(settings.logdirs) == {"runs", "NAME"}


def test_the_reference_table_says_what_the_code_says() -> None:
    expected = [(setting.section, row(setting)) for setting in describe_settings()]

    assert list(table_rows()) == expected
