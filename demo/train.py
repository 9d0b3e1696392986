"""Trains the demo model from nothing: `python -m demo.train [--out PATH]`. The same seed gives the same file."""

import argparse
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Two threads of our own keep two cores busier than BLAS with two threads, which idles between products.
# It has to be said before numpy is loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from demo import gguf_file
from demo.conversations import conversation
from demo.model import Batch, Parameters, Shape, initial_parameters, loss_and_gradient
from demo.optimizer import Optimizer
from demo.tokenizer import Tokenizer, learn_merges
from demo.turns import Exchange

SEED = 8
STEPS = 1500
DRILL_STEPS = 350
BATCH_TOKENS = 4096
THREADS = 2
WORD_PARTS, SPACED_WORDS = 700, 250
CONTROLS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<tool_call>", "</tool_call>"]
FARTHEST_JUMP_TOKENS = 400
PATH = Path(__file__).with_name("patchbay-toy.gguf")

Row = tuple[list[int], list[int], list[int]]


def main() -> None:
    """Train and write the file."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, default=PATH)
    arguments.add_argument("--steps", type=int, default=STEPS)
    chosen = arguments.parse_args()
    train(chosen.out, steps=chosen.steps)


def train(out: Path, *, steps: int = STEPS) -> None:
    """Train for `steps` batches and write the GGUF to `out`, printing the loss on the way."""
    started = time.monotonic()
    rng = random.Random(SEED)
    tokenizer = Tokenizer(learn_merges(sample_texts(rng), parts=WORD_PARTS, spaced_words=SPACED_WORDS), CONTROLS)
    shape = Shape(vocabulary=len(tokenizer.tokens))
    parameters = initial_parameters(shape, np.random.default_rng(SEED))
    optimizer = Optimizer(parameters)
    mean = 0.0
    threads = ThreadPoolExecutor(THREADS)
    for step, batch in enumerate(batches(rng, tokenizer, steps), 1):
        loss, gradient = shared_gradient(threads, shape, parameters, batch)
        left = min(1.0, step / 20) * min(1.0, (steps - step + 1) / (0.5 * steps))
        optimizer.step(gradient, muon_rate=0.013 * left, adam_rate=0.01 * left)
        mean += (loss - mean) / min(step, 25)
        if step % 50 == 0:
            print(f"step {step:5}  loss {mean:.4f}  {time.monotonic() - started:5.1f} s", flush=True)
    gguf_file.write(out, shape, parameters, tokenizer)
    weights = sum(value.size for value in parameters.values())
    print(f"{out}: {weights:,} weights, {out.stat().st_size:,} bytes, {time.monotonic() - started:.0f} s")


def shared_gradient(
    threads: ThreadPoolExecutor, shape: Shape, parameters: Parameters, batch: Batch
) -> tuple[float, Parameters]:
    """Loss and gradient of `batch`, each thread working on its share of the rows."""
    parts = [
        Batch(*(part[at::THREADS] for part in (batch.tokens, batch.targets, batch.positions))) for at in range(THREADS)
    ]
    parts = [part for part in parts if (part.targets >= 0).any()]
    weights = [float((part.targets >= 0).sum()) for part in parts]
    results = list(threads.map(lambda part: loss_and_gradient(shape, parameters, part), parts))
    shares = [weight / sum(weights) for weight in weights]
    loss = sum(share * loss for share, (loss, _) in zip(shares, results, strict=True))
    gradient = {name: np.zeros_like(value) for name, value in parameters.items()}
    for share, (_, slopes) in zip(shares, results, strict=True):
        for name, slope in slopes.items():
            gradient[name] += np.float32(share) * slope
    return loss, gradient


def sample_texts(rng: random.Random) -> Iterator[str]:
    """Text from which the tokenizer learns what to join."""
    for _ in range(3000):
        for segment in conversation(rng):
            for part in segment.text.split("<|im_end|>"):
                yield part.replace("<|im_start|>", "")


def batches(rng: random.Random, tokenizer: Tokenizer, count: int) -> Iterator[Batch]:
    """`count` batches of about BATCH_TOKENS, each of conversations of about one length."""
    waiting: list[Batch] = []
    for step in range(count):
        if not waiting:
            waiting = _pool(rng, tokenizer, drill=0.25 if step < DRILL_STEPS else 0.04)
        yield waiting.pop()


def _pool(rng: random.Random, tokenizer: Tokenizer, *, drill: float) -> list[Batch]:
    rows = sorted(
        (numbered(rng, tokenizer, conversation(rng, drill=drill)) for _ in range(600)), key=lambda row: len(row[0])
    )
    groups: list[list[Row]] = [[]]
    for row in rows:
        if (len(groups[-1]) + 1) * len(row[0]) > BATCH_TOKENS and groups[-1]:
            groups.append([])
        groups[-1].append(row)
    rng.shuffle(groups)
    return [_padded(group) for group in groups]


def numbered(rng: random.Random, tokenizer: Tokenizer, exchange: Exchange) -> Row:
    """Tokens, targets and positions of one conversation.

    Some conversations jump ahead in position between their pieces, as if much had been said there: it makes
    the model cope with long chats without the cost of training on them.
    """
    tokens: list[int] = []
    learnt: list[bool] = []
    positions: list[int] = []
    jumps = rng.random() < 0.25
    position = 0
    for segment in exchange:
        ids = tokenizer.encode(segment.text)
        if jumps and segment.text.startswith("<|im_start|>") and rng.random() < 0.4:
            position += rng.randint(0, FARTHEST_JUMP_TOKENS)
        tokens += ids
        learnt += [segment.learnt] * len(ids)
        positions += range(position, position + len(ids))
        position += len(ids)
    targets = [token if wanted else -1 for token, wanted in zip(tokens, learnt, strict=True)]
    return tokens[:-1], targets[1:], positions[:-1]


def _padded(rows: list[Row]) -> Batch:
    length = max(len(tokens) for tokens, _, _ in rows)

    def filled(values: list[int], filler: int) -> list[int]:
        return values + [filler] * (length - len(values))

    return Batch(
        tokens=np.array([filled(tokens, 0) for tokens, _, _ in rows]),
        targets=np.array([filled(targets, -1) for _, targets, _ in rows]),
        positions=np.array([filled(positions, 0) for _, _, positions in rows]),
    )


if __name__ == "__main__":
    main()
