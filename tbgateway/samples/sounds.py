"""Short sounds as WAV files."""

import io
import math
import wave
from array import array
from random import Random

RATE = 8000
"""Samples per second."""
_LOUDEST = 32767


def chime(chance: Random, noise: float, seconds: float = 1.2) -> bytes:
    """Return three notes, one after the other, below a given amount of noise (0 to 1)."""
    notes = (523.25, 659.25, 783.99)
    count = int(RATE * seconds)
    each = count // len(notes)
    samples = array("h")
    for number in range(count):
        note = notes[min(number // each, len(notes) - 1)]
        time = number / RATE
        tone = math.sin(math.tau * note * time) * math.exp(-3.0 * (number % each) / each)
        loudness = 0.6 * tone + noise * chance.uniform(-0.5, 0.5)
        samples.append(round(_LOUDEST * max(-1.0, min(1.0, loudness))))
    return _wav(samples)


def _wav(samples: "array[int]") -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(samples.itemsize)
        writer.setframerate(RATE)
        writer.writeframes(samples.tobytes())
    return file.getvalue()
