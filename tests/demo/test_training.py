"""The parts that make the demo model agree with the engine that runs it."""

import random
from pathlib import Path

import gguf
import numpy as np
import pytest

from demo.conversations import conversation
from demo.gguf_file import write
from demo.model import Batch, Parameters, Shape, initial_parameters, loss_and_gradient
from demo.questions import unanswerable
from demo.tokenizer import Tokenizer
from demo.train import CONTROLS, batches, numbered
from demo.turns import Segment, reply, turn
from tests.demo.toy import DEMO, Json, Toy, user

PART = slice(0, 6)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """The one the committed model was trained with, read back from its file."""
    fields = gguf.GGUFReader(DEMO).fields
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    return Tokenizer([(left, right) for left, right in merges], CONTROLS)


def test_the_engine_cuts_text_as_the_training_did(toy: Toy, tokenizer: Tokenizer) -> None:
    rng = random.Random(1)
    texts = [unanswerable(rng) for _ in range(200)] + ["a  b\n\n c\t", "it's 3x as_is (no?)", "naïve — “quoted” …"]

    cut = {text: toy.post("//tokenize", {"content": text})["tokens"] for text in texts}

    assert cut == {text: tokenizer.encode(text) for text in texts}


def test_the_chat_template_writes_what_the_training_read(toy: Toy) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "get_time", "arguments": '{"city": "Oslo"}'}}
    tool = {"name": "get_time", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    messages: list[Json] = [
        {"role": "system", "content": "Be brief."},
        user([{"type": "text", "text": "What time is it in Oslo?"}]),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "12:30"},
    ]

    tools = [{"type": "function", "function": tool}]
    prompt = toy.post("//apply-template", {"messages": messages, "tools": tools})["prompt"]

    called = '<tool_call>\n{"name": "get_time", "arguments": {"city": "Oslo"}}\n</tool_call>'
    learnt = [
        Segment("<|im_start|>tools\nget_time city\n<|im_end|>\n"),
        *turn("system", "Be brief."),
        *turn("user", "What time is it in Oslo?"),
        *reply(called),
        *turn("tool", "12:30"),
        Segment("<|im_start|>assistant\n"),
    ]
    assert prompt == "".join(segment.text for segment in learnt)


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    shape = Shape(vocabulary=20, width=128, layers=2, heads=4, hidden=12)
    parameters: Parameters = {
        name: (value + rng.normal(0, 0.1, value.shape)).astype(np.float32)
        for name, value in initial_parameters(shape, rng).items()
    }
    positions = np.tile(np.arange(7), (3, 1))
    batch = Batch(rng.integers(0, 20, (3, 7)), rng.integers(-1, 20, (3, 7)), positions)
    _, gradient = loss_and_gradient(shape, parameters, batch)

    for name, value in parameters.items():
        direction = rng.normal(0, 1, value.shape).astype(np.float32) * np.float32(0.001)
        value += direction
        above, _ = loss_and_gradient(shape, parameters, batch)
        value -= 2 * direction
        below, _ = loss_and_gradient(shape, parameters, batch)
        value += direction
        assert float((gradient[name] * direction).sum()) == pytest.approx((above - below) / 2, rel=0.05, abs=2e-5)


def test_the_same_seed_makes_the_same_batches(tokenizer: Tokenizer) -> None:
    first, again = (list(batches(random.Random(3), tokenizer, 2)) for _ in range(2))

    for one, other in zip(first, again, strict=True):
        assert (one.tokens == other.tokens).all()
        assert (one.targets == other.targets).all()
        assert (one.positions == other.positions).all()


def test_only_the_models_own_words_are_learnt(tokenizer: Tokenizer) -> None:
    rng = random.Random(4)
    exchange = [*turn("user", "Hello"), *reply("Hi.")]

    tokens, targets, _ = numbered(rng, tokenizer, exchange)

    learnt = [target for target in targets if target >= 0]
    assert learnt == tokenizer.encode("Hi.<|im_end|>")
    assert len(tokens) == len(targets)


def test_conversations_have_no_end_of_variety() -> None:
    rng = random.Random(5)
    texts = {"".join(segment.text for segment in conversation(rng)) for _ in range(500)}

    assert len(texts) > 450


def test_a_written_file_holds_what_was_trained(tmp_path: Path, tokenizer: Tokenizer) -> None:
    shape = Shape(vocabulary=len(tokenizer.tokens))
    parameters = initial_parameters(shape, np.random.default_rng(1))

    write(tmp_path / "new.gguf", shape, parameters, tokenizer)

    tensors = {tensor.name: tensor.data for tensor in gguf.GGUFReader(tmp_path / "new.gguf").tensors}
    assert tensors.keys() == parameters.keys()
    assert np.allclose(tensors["blk.1.ffn_up.weight"], parameters["blk.1.ffn_up.weight"], atol=1e-3)
