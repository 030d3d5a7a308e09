import subprocess
import sys

PARTS = ("client", "domain", "training")
SCRIPT = """
import sys
before = set(sys.modules)
import tbgateway
assert not [name for name in sys.modules if name.startswith("tbgateway.")]
tbgateway.experiment
{then}
loaded = set(sys.modules) - before
print(*sorted({{name.partition(".")[0] for name in loaded}} - set(sys.stdlib_module_names)))
print(*sorted({{name.split(".")[1] for name in loaded if name.startswith("tbgateway.")}}))
"""
TRAIN = "with tbgateway.experiment('a', url='http://127.0.0.1:9'): pass"


def loaded_by(then: str, cwd: object) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(then=then)],
        cwd=str(cwd),
        env={"HOME": str(cwd)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_script_loads_nothing_outside_the_standard_library(tmp_path: object) -> None:
    assert loaded_by("", tmp_path) == ["tbgateway", " ".join(PARTS)]


def test_neither_does_a_whole_training(tmp_path: object) -> None:
    assert loaded_by(TRAIN, tmp_path) == ["tbgateway", " ".join(PARTS)]
