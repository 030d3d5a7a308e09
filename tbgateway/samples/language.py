"""Word embeddings for the projector, with the training they come from."""

from pathlib import Path
from random import Random

from tbgateway.samples import curves, values
from tbgateway.samples.run import Run
from tbgateway.samples.values import Value

_STEPS = 160
_SECONDS = 4000.0
_DIMENSIONS = 24
_NAME = "embeddings/words"
_WORDS = {
    "animals": "cat dog horse cow sheep goat fox wolf bear lion tiger mouse rabbit deer otter whale"
    " seal eagle owl crow sparrow trout salmon bee ant spider frog snake turtle",
    "food": "bread butter cheese apple pear plum cherry rice pasta soup salad pepper salt sugar"
    " honey tea coffee milk carrot onion potato tomato bean lentil garlic basil cake pie",
    "places": "berlin paris london madrid rome vienna oslo lisbon athens dublin prague warsaw cairo"
    " lagos nairobi delhi mumbai tokyo osaka seoul sydney lima quito boston chicago toronto",
    "music": "violin cello flute oboe harp drum piano guitar trumpet horn choir tenor alto soprano"
    " opera sonata fugue waltz tango jazz blues rhythm melody chord tempo concert",
    "weather": "rain snow hail fog mist storm thunder lightning wind breeze gale cloud sun frost"
    " ice drought flood heat cold spring summer autumn winter dawn dusk rainbow",
    "tools": "hammer saw drill chisel plane wrench pliers nail screw bolt ladder rope anvil forge"
    " lathe file clamp vice axe spade rake hoe shovel brush needle thread",
    "numbers": "zero one two three four five six seven eight nine ten eleven twelve twenty thirty"
    " forty fifty hundred thousand million dozen half third quarter double triple",
}
_CONFIG = f"""embeddings {{
  tensor_name: "{_NAME}"
  tensor_path: "words.tsv"
  metadata_path: "labels.tsv"
}}
"""


def write(directory: Path, ended: float) -> None:
    """Write the training into one run, and the embeddings beside it."""
    chance = curves.chance_of(4)
    _write_training(directory, ended, chance)
    _write_embeddings(directory, chance)


def _write_training(directory: Path, ended: float, chance: Random) -> None:
    began = ended - _SECONDS
    with Run(directory, began) as run:
        run.add(0, began, _notes())
        for number in range(_STEPS + 1):
            progress = number / _STEPS
            loss = curves.approach(progress, 4.2, 1.35) + curves.jitter(chance, 0.06, progress)
            at = began + _SECONDS * progress
            run.add(
                number * 1000, at, values.scalar("loss/skip-gram", loss, "Negative sampling, 8.")
            )
            if number % 10 == 0:
                norms = curves.bell(chance, 4000, 1.0 + progress, 0.2 + 0.3 * progress)
                run.add(number * 1000, at, values.histogram("norms/words", norms))
            if number % 40 == 0:
                run.add(number * 1000, at, _neighbours(early=number < _STEPS / 2))


def _write_embeddings(directory: Path, chance: Random) -> None:
    vectors, labels = [], ["word\ttopic\tfrequency"]
    for topic, words in _WORDS.items():
        middle = [chance.gauss(0.0, 1.0) for _ in range(_DIMENSIONS)]
        for rank, word in enumerate(words.split(), start=1):
            vector = (chance.gauss(place, 0.45) for place in middle)
            vectors.append("\t".join(f"{number:.4f}" for number in vector))
            labels.append(f"{word}\t{topic}\t{90_000 // rank}")
    (directory / "words.tsv").write_text("\n".join(vectors) + "\n")
    (directory / "labels.tsv").write_text("\n".join(labels) + "\n")
    (directory / "projector_config.pbtxt").write_text(_CONFIG)


def _neighbours(*, early: bool) -> Value:
    near = {
        "violin": ("the", "cello") if early else ("cello", "flute"),
        "storm": ("of", "thunder") if early else ("thunder", "gale"),
    }
    rows = "\n".join(f"| {word} | {first} | {second} |" for word, (first, second) in near.items())
    table = f"| word | nearest | second |\n|---|---|---|\n{rows}"
    return values.text("neighbours", table, "Nearest words by cosine distance.")


def _notes() -> Value:
    return values.text(
        "notes",
        "# Word embeddings\n\nSkip-gram over **1.2 billion** words. Open the *Projector* view and"
        " colour by `topic`: the topics come apart.",
    )
