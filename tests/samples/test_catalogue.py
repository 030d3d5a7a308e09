"""The samples, read back with TensorBoard's own loader."""

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from stock_tensorboard import StockTensorBoard
from tensorboard.backend.event_processing.plugin_event_accumulator import (
    STORE_EVERYTHING_SIZE_GUIDANCE,
)
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.compat.proto import graph_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.mesh import metadata as mesh_metadata
from tensorboard.util import tensor_util

from tbgateway.discovery import Root, Scanner
from tbgateway.domain.names import check_board_name, check_experiment_name
from tbgateway.samples import write_samples

NOW = 1_750_000_000.0
DASHBOARDS = (
    "scalars",
    "timeseries",
    "images",
    "audio",
    "graphs",
    "distributions",
    "histograms",
    "text",
    "pr_curves",
    "hparams",
    "mesh",
    "custom_scalars",
    "projector",
)


@pytest.fixture(scope="session")
def loaded(written: Any) -> EventMultiplexer:
    multiplexer = EventMultiplexer(size_guidance=STORE_EVERYTHING_SIZE_GUIDANCE)
    multiplexer.AddRunsFromDirectory(str(written.directory))
    multiplexer.Reload()
    return multiplexer


def tensors(loaded: EventMultiplexer, plugin: str) -> Iterator[tuple[str, str, Any]]:
    """Yield (run, tag, array) of every value of a plugin."""
    for run in loaded.Runs():
        accumulator = loaded.GetAccumulator(run)
        if plugin not in accumulator.ActivePlugins():
            continue
        for tag in accumulator.PluginTagToContent(plugin):
            for event in accumulator.Tensors(tag):
                yield run, tag, tensor_util.make_ndarray(event.tensor_proto)


def test_every_sample_has_a_usable_name_a_directory_and_a_board(written: Any) -> None:
    assert len(written.samples) >= 4
    assert len({sample.board for sample in written.samples.values()}) == 2
    for name, sample in written.samples.items():
        assert check_experiment_name(name) == sample.path.name
        assert check_board_name(sample.board)
        assert sample.path == written.directory / name


def test_the_samples_are_small(written: Any) -> None:
    assert sum(path.stat().st_size for path in written.directory.rglob("*")) < 3_000_000


def test_each_sample_is_found_as_an_experiment_without_a_problem(written: Any) -> None:
    report = Scanner({"demo": Root(written.directory)}, search_depth=4).scan([])
    assert {found.name for found in report.found} == set(written.samples)
    assert {found.measurement.problem for found in report.found} == {None}
    assert report.skipped == ()


def test_all_but_one_ended_long_before_now(written: Any) -> None:
    report = Scanner({"demo": Root(written.directory)}, search_depth=4).scan([])
    ended = {found.name: found.measurement.last_event_at or 0.0 for found in report.found}
    assert NOW - ended.pop("vit-small-finetune") == pytest.approx(1.0)
    assert NOW - max(ended.values()) > 3600


def test_the_same_moment_gives_the_same_bytes(written: Any, tmp_path: Path) -> None:
    write_samples(tmp_path, now=NOW)
    again = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(again) > 15
    for relative, path in again.items():
        assert path.read_bytes() == (written.directory / relative).read_bytes(), relative


def test_every_plugin_has_data(loaded: EventMultiplexer) -> None:
    plugins = {name for run in loaded.Runs() for name in loaded.GetAccumulator(run).ActivePlugins()}
    by_other_means = {"timeseries", "distributions", "projector"}
    assert plugins == set(DASHBOARDS) - by_other_means


def test_curves_fall_and_rise_as_trainings_do(loaded: EventMultiplexer) -> None:
    for sample in ("resnet-50-baseline", "resnet-50-cosine", "vit-small-finetune"):
        for run in ("train", "validation"):
            losses = [
                event.tensor_proto.float_val[0]
                for event in loaded.GetAccumulator(f"{sample}/{run}").Tensors("loss/total")
            ]
            assert len(losses) > 10
            assert losses[-1] < 0.8 * losses[0]


def test_every_event_is_as_old_as_it_says(loaded: EventMultiplexer) -> None:
    for run in loaded.Runs():
        accumulator = loaded.GetAccumulator(run)
        for tag in accumulator.Tags()["tensors"]:
            times = [event.wall_time for event in accumulator.Tensors(tag)]
            assert times == sorted(times)
            assert NOW - 4 * 86_400 < times[0] <= times[-1] < NOW


def test_pictures_can_be_decoded(loaded: EventMultiplexer) -> None:
    count = 0
    for _, _, (width, height, *pngs) in tensors(loaded, "images"):
        for png in pngs:
            with Image.open(io.BytesIO(png)) as picture:
                picture.load()
                assert picture.size == (int(width), int(height))
                assert len(picture.getcolors(100_000) or ()) > 20
            count += 1
    assert count > 20


def test_sounds_can_be_decoded(loaded: EventMultiplexer) -> None:
    tags = set()
    for _, tag, clips in tensors(loaded, "audio"):
        with wave.open(io.BytesIO(clips.flat[0])) as sound:
            assert (sound.getnchannels(), sound.getframerate()) == (1, 8000)
            assert sound.getnframes() > 8000
        tags.add(tag)
    assert tags == {"clip/noisy", "clip/clean", "clip/denoised"}


def test_histograms_have_ordered_buckets(loaded: EventMultiplexer) -> None:
    for _, _, buckets in tensors(loaded, "histograms"):
        assert buckets.shape == (30, 3)
        assert (buckets[:, 0] < buckets[:, 1]).all()
        assert buckets[:, 2].sum() > 1000


def test_precision_and_recall_are_shares(loaded: EventMultiplexer) -> None:
    for _, _, rows in tensors(loaded, "pr_curves"):
        assert rows.shape == (6, 41)
        assert ((rows[4:] >= 0) & (rows[4:] <= 1)).all()
        assert (rows[5][:-1] >= rows[5][1:]).all()


def test_meshes_are_complete(loaded: EventMultiplexer) -> None:
    shapes = {tag: array.shape for _, tag, array in tensors(loaded, "mesh")}
    assert set(shapes) == {"rebuilt_VERTEX", "rebuilt_FACE", "rebuilt_COLOR"}
    assert shapes["rebuilt_VERTEX"] == shapes["rebuilt_COLOR"]
    for _, tag, array in tensors(loaded, "mesh"):
        if tag == "rebuilt_FACE":
            assert array.max() == shapes["rebuilt_VERTEX"][1] - 1
    accumulator = loaded.GetAccumulator("point-cloud-autoencoder")
    for content in accumulator.PluginTagToContent(mesh_metadata.PLUGIN_NAME).values():
        assert mesh_metadata.parse_plugin_metadata(content).name == "rebuilt"


def test_every_edge_of_the_graph_ends_at_a_node(loaded: EventMultiplexer) -> None:
    graph = loaded.GetAccumulator("resnet-50-baseline/train").Graph()
    assert isinstance(graph, graph_pb2.GraphDef)
    names = [node.name for node in graph.node]
    assert len(names) == len(set(names)) > 300
    assert {source for node in graph.node for source in node.input} <= set(names)


def test_the_search_has_a_description_and_complete_trials(loaded: EventMultiplexer) -> None:
    top = loaded.GetAccumulator("optimizer-sweep").PluginTagToContent("hparams")
    experiment = hparams_metadata.parse_experiment_plugin_data(top["_hparams_/experiment"])
    described = {info.name for info in experiment.hparam_infos}
    trials = [run for run in loaded.Runs() if run.startswith("optimizer-sweep/")]
    assert len(trials) == 8
    for trial in trials:
        contents = loaded.GetAccumulator(trial).PluginTagToContent("hparams")
        start = hparams_metadata.parse_session_start_info_plugin_data(
            contents["_hparams_/session_start_info"]
        )
        end = hparams_metadata.parse_session_end_info_plugin_data(
            contents["_hparams_/session_end_info"]
        )
        assert set(start.hparams) == described
        assert end.end_time_secs > start.start_time_secs
        for metric in experiment.metric_infos:
            assert loaded.GetAccumulator(trial).Tensors(metric.name.tag)


def test_the_projector_finds_its_files(written: Any) -> None:
    words = written.samples["word-embeddings"].path
    vectors = (words / "words.tsv").read_text().splitlines()
    labels = (words / "labels.tsv").read_text().splitlines()
    assert len(vectors) == len(labels) - 1
    assert {line.count("\t") for line in vectors} == {23}
    assert {line.count("\t") for line in labels} == {2}
    assert len({line.split("\t")[0] for line in labels}) == len(labels)


@pytest.mark.slow
def test_a_stock_tensorboard_enables_every_dashboard(written: Any) -> None:
    with StockTensorBoard(written.directory) as stock:
        assert len(stock.settled_runs()) == 19
        stock.get("/data/plugins_listing")  # the projector looks for its files at the first call
        listing = stock.get("/data/plugins_listing")
        assert {name: listing[name]["enabled"] for name in DASHBOARDS} == dict.fromkeys(
            DASHBOARDS, True
        )
        images = stock.get("/data/plugin/images/tags")
        assert images["resnet-50-cosine/validation"]["stem/filters"]["samples"] == 3
        assert stock.get("/data/plugin/custom_scalars/layout")["category"]
        assert stock.get("/data/plugin/projector/runs") == ["word-embeddings"]
        meshes = stock.get("/data/plugin/mesh/tags")
        assert set(meshes) == {"point-cloud-autoencoder"}
