"""What is wrong with a projector's files is said in words, and costs no more than it must."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

from tbgateway.worker import tensor_files
from tbgateway.worker.projector_files import CONFIG, ProjectorFiles, find_config, read_files

Read = Callable[..., ProjectorFiles]
TABLE = "1\t2\n3\t4\n\n5\t6\n"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(config: str, **files: bytes | str) -> ProjectorFiles:
        (tmp_path / CONFIG).write_text(config)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name.replace("_", ".")).write_bytes(data)
        return look(tmp_path)

    return read


def look(directory: Path) -> ProjectorFiles:
    path = find_config(str(directory))
    assert path is not None
    return read_files(path, os.path.realpath(directory), ProjectorConfig)


def embedding(tensor: str = "t.tsv", more: str = "") -> str:
    return f'embeddings {{ tensor_name: "w:0" tensor_path: "{tensor}" {more} }}'


def test_good_files_have_no_problem_and_a_shape(read: Read) -> None:
    files = read(embedding(more='metadata_path: "m.tsv"'), t_tsv=TABLE, m_tsv="a\nb\nc\n")
    assert files.problem == ""
    (only,) = files.config.embeddings
    assert (only.tensor_name, list(only.tensor_shape)) == ("w", [3, 2])
    assert only.metadata_path == "m.tsv"


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (embedding("gone.tsv"), 'names "gone.tsv", which is not there'),
        (embedding(r"data\\t.tsv"), r'names "data\t.tsv", which is not there (paths are written'),
        (embedding(r"C:\\Users\\me\\t.tsv"), 'names "t.tsv", which is not there'),
        (embedding("/etc/hostname"), 'names "hostname", which leads out of the directory'),
        (embedding("~/t.tsv"), 'names "t.tsv", which leads out'),
        (embedding("../../t.tsv"), 'names "../../t.tsv", which leads out'),
        (embedding("."), 'names ".", which is not a file'),
        (embedding(r"t\000.tsv"), 'names "t?.tsv", which is not there'),
        (embedding(""), "without tensor_path"),
        ("embeddings {\n{{", "cannot be parsed: see line 2"),
        ("colour: 3", "cannot be parsed: see line 1"),
        ("\udcff", "cannot be parsed: it is no text"),
        ("#" * 2_000_000, "is larger than 1 MiB"),
    ],
)
def test_what_is_wrong_with_the_configuration_is_said(
    tmp_path: Path, config: str, problem: str
) -> None:
    (tmp_path / "t.tsv").write_text(TABLE)
    (tmp_path / CONFIG).write_bytes(config.encode(errors="surrogateescape"))
    files = look(tmp_path)
    assert problem in files.problem
    assert files.config is None
    assert str(tmp_path) not in files.problem
    assert "/etc" not in files.problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("1\t2\nx\t4\n", "something else than tab-separated numbers: see line 2"),
        ("1\t2\n3\n", "rows of different lengths: see line 2"),
        ("\n\n", "holds no points"),
        (b"\xff" * 16, "is neither tab-separated numbers nor float32"),
    ],
)
def test_what_is_wrong_with_the_numbers_is_said(
    read: Read, content: bytes | str, problem: str
) -> None:
    files = read(embedding(), t_tsv=content)
    assert files.problem.startswith('"t.tsv" ')
    assert problem in files.problem


def test_float32_needs_a_shape_that_fits(read: Read) -> None:
    shape = "tensor_shape: 2 tensor_shape: 2"
    assert read(embedding(more=shape), t_tsv=b"\xff" * 16).problem == ""
    assert read(embedding(more=shape), t_tsv=b"\xff" * 20).problem != ""


def test_a_missing_label_file_costs_the_labels_and_not_the_points(read: Read) -> None:
    more = 'metadata_path: "labels.tsv" sprite { image_path: "s.png" }'
    files = read(embedding(more=more), t_tsv=TABLE)
    (only,) = files.config.embeddings
    assert (only.metadata_path, only.sprite.image_path) == ("", "")
    assert (
        'names "labels.tsv", which is not there: the points are shown without it' in files.problem
    )
    assert '"s.png"' in files.problem


def test_a_bad_embedding_does_not_take_a_good_one_with_it(read: Read) -> None:
    files = read(embedding() + embedding("gone.tsv"), t_tsv=TABLE)
    assert [one.tensor_path for one in files.config.embeddings] == ["t.tsv"]
    assert '"gone.tsv"' in files.problem


def test_checkpoints_are_never_read(read: Read) -> None:
    files = read('model_checkpoint_path: "/etc/passwd" ' + embedding(), t_tsv=TABLE)
    assert files.config.model_checkpoint_path == ""


def test_a_configuration_that_is_a_link_out_of_the_experiment_is_not_read(tmp_path: Path) -> None:
    (tmp_path / CONFIG).symlink_to("/etc/hostname")
    assert look(tmp_path).problem == f"{CONFIG} leads out of the experiment"


def test_what_would_block_a_reader_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.tsv")
    (tmp_path / CONFIG).write_text(embedding())
    assert "is not a file" in look(tmp_path).problem
    (tmp_path / CONFIG).unlink()
    os.mkfifo(tmp_path / CONFIG)
    assert look(tmp_path).problem == f"{CONFIG} is not a file"


def test_a_configuration_among_the_plugins_files_goes_first(tmp_path: Path) -> None:
    place = tmp_path / "plugins" / "org_tensorflow_tensorboard_projector"
    place.mkdir(parents=True)
    (place / CONFIG).write_text("")
    (tmp_path / CONFIG).write_text("")
    assert find_config(str(tmp_path)) == str(place / CONFIG)
    assert find_config(str(place / "nothing")) is None


def test_rows_beyond_the_part_that_is_checked_are_counted(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensor_files, "_LOOKED_AT", 10)
    (only,) = read(embedding(), t_tsv="1.25\t2.5\n" * 100).config.embeddings
    assert list(only.tensor_shape) == [100, 2]


def test_a_tensor_that_is_too_large_is_not_read(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensor_files, "_LARGEST", 4)
    assert '"t.tsv" is larger than' in read(embedding(), t_tsv=TABLE).problem


def test_many_problems_are_told_in_short(read: Read) -> None:
    files: Any = read("".join(embedding(f"gone{number}.tsv") for number in range(9)))
    assert files.problem.endswith("; and 6 more")
