"""The light wheel holds what training scripts need, and needs nothing but Python."""

import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import light_wheel
import pytest

import tbgateway
from tbgateway.training.command_line import main

pytestmark = pytest.mark.slow  # it builds and installs a package
PACKAGE = Path(tbgateway.__file__).parent


@dataclass(frozen=True)
class Light:
    """The wheel, and an environment that has nothing else."""

    wheel: Path
    environment: Path
    home: Path

    def run(self, *words: str, status: int = 0) -> str:
        """Run a program of the environment; return what it said on both streams."""
        program, *rest = words
        done = subprocess.run(
            [str(self.environment / "bin" / program), *rest],
            cwd=self.home,
            env=light_wheel.surroundings(self.home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Light:
    directory = tmp_path_factory.mktemp("light")
    wheel = light_wheel.build(directory / "dist")
    environment = light_wheel.bare_environment(directory / "environment")
    light_wheel.install(wheel, environment)
    (directory / "home").mkdir()
    return Light(wheel, environment, directory / "home")


def test_it_holds_what_scripts_need_and_nothing_of_the_gateway(light: Light) -> None:
    with zipfile.ZipFile(light.wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("tbgateway/")}
        (metadata,) = (
            archive.read(name).decode()
            for name in archive.namelist()
            if name.endswith(".dist-info/METADATA")
        )
    modules = [*PACKAGE.glob("client/*.py"), *PACKAGE.glob("domain/*.py")]
    modules += [*PACKAGE.glob("training/*.py"), PACKAGE / "__init__.py", PACKAGE / "py.typed"]
    assert packed == {f"tbgateway/{one.relative_to(PACKAGE)}" for one in modules}
    assert f"\nVersion: {tbgateway.__version__}\n" in metadata
    assert "Requires-Dist" not in metadata


def test_what_scripts_import_loads_the_standard_library_only(light: Light) -> None:
    script = (
        "import sys; before = set(sys.modules); import tbgateway;"
        "tbgateway.experiment, tbgateway.Client, tbgateway.errors;"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(loaded - set(sys.stdlib_module_names)))"
    )
    assert light.run("python", "-c", script) == "['tbgateway']\n"


def test_its_command_runs_commands(light: Light) -> None:
    told = light.run(
        "tbgateway", "run", "--name", "a", "--", "sh", "-c", "echo in {logdir}; exit 5", status=5
    )
    assert f"in {light.home}/runs/a\n" in told
    assert light.run("tbgateway", "version") == f"tbgateway  {tbgateway.__version__}\n"
    assert light.run("tbgateway", "--version") == f"{tbgateway.__version__}\n"


def test_its_help_names_every_option(light: Light) -> None:
    told = light.run("tbgateway", "run", "--help")
    for option in ("--name", "--board", "--param", "--tensorboard_set", "--token-file"):
        assert option in told
    assert "run" in light.run("tbgateway", "--help") == light.run("tbgateway")


def test_other_commands_lead_to_the_whole_package(light: Light) -> None:
    told = light.run("tbgateway", "board", "list", status=2)
    assert "no command 'board'" in told
    assert "in the package tbgateway" in told


@pytest.mark.parametrize("words", [("run",), ("run", "--name", "a"), ("run", "--nam", "a", "true")])
def test_what_cannot_be_understood_exits_with_2(light: Light, words: tuple[str, ...]) -> None:
    assert light.run("tbgateway", *words, status=2).startswith("error: ")


def test_where_the_whole_package_is_too_its_command_line_answers(
    light: Light, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["board", "list", "--url", f"unix:{light.home}/none"]) == 6
    assert "No gateway answers" in capsys.readouterr().err
