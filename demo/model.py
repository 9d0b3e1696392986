"""A small llama (RMSNorm, RoPE, SwiGLU) in numpy, with its gradient written by hand.

Parameters carry the names GGUF gives them and have the shape (outputs, inputs). The output layer is
the token embedding again, as llama.cpp assumes when a file has no `output.weight`.
Source: https://arxiv.org/abs/2302.13971, https://arxiv.org/abs/2104.09864 (RoPE)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]
Parameters = dict[str, Floats]

# How strong the planted heads begin: just strong enough that training keeps and sharpens them.
TURN, NOTE, MATCH, BRING = 3.0, 0.2, 4.0, 0.3
SLOW = 0.011
"""Radians per token below which RoPE leaves two tokens comparable over some hundred tokens."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes that llama.cpp has to know too."""

    vocabulary: int
    width: int = 128
    layers: int = 2
    heads: int = 4
    hidden: int = 256
    rope_base: float = 1_000_000.0
    norm_epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of tokens, padded at the end; `targets` holds the next token, or -1 where none is to be learnt."""

    tokens: Integers
    targets: Integers
    positions: Integers


def initial_parameters(shape: Shape, random: np.random.Generator) -> Parameters:
    """Random weights; what a layer adds to the stream begins at nothing."""
    width, hidden = shape.width, shape.hidden

    def matrix(outputs: int, inputs: int) -> Floats:
        return random.normal(0, inputs**-0.5, (outputs, inputs)).astype(np.float32)

    parameters = {
        "token_embd.weight": random.normal(0, 0.05, (shape.vocabulary, width)).astype(np.float32),
        "output_norm.weight": np.ones(width, np.float32),
    }
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        parameters |= {
            f"{block}attn_norm.weight": np.ones(width, np.float32),
            f"{block}attn_q.weight": matrix(width, width),
            f"{block}attn_k.weight": matrix(width, width),
            f"{block}attn_v.weight": matrix(width, width),
            f"{block}attn_output.weight": np.zeros((width, width), np.float32),
            f"{block}ffn_norm.weight": np.ones(width, np.float32),
            f"{block}ffn_gate.weight": matrix(hidden, width),
            f"{block}ffn_up.weight": matrix(hidden, width),
            f"{block}ffn_down.weight": np.zeros((width, hidden), np.float32),
        }
    _plant_copying(shape, parameters, random)
    return parameters


def _plant_copying(shape: Shape, parameters: Parameters, random: np.random.Generator) -> None:
    """Begin with heads that say again what was said, which training alone finds only after very long.

    In the first layer one head looks one token back, another two, and both note what they saw. A head of the second
    layer looks for the notes that fit the last two tokens and brings the token that stood there.
    Source: https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads/
    """
    width, head = shape.width, shape.head_width
    frequencies = _frequencies(shape)
    # A number that is the same in every token, for the first layer's heads to turn with the position.
    parameters["token_embd.weight"][:, 0] = 0.15
    axes = np.linalg.qr(random.normal(size=(width - 1, width - 1)))[0].astype(np.float32)
    seen, one_back, two_back = (np.pad(axes[at * head : (at + 1) * head], ((0, 0), (1, 0))) for at in range(3))
    for back, note in ((1, one_back), (2, two_back)):
        rows = slice((back - 1) * head, back * head)
        turn = TURN * (frequencies > 0.05)
        queries, keys = np.zeros((2, head, width), np.float32)
        queries[0::2, 0] = turn
        keys[0::2, 0] = turn * np.cos(back * frequencies)
        keys[1::2, 0] = turn * np.sin(back * frequencies)
        parameters["blk.0.attn_q.weight"][rows] = queries
        parameters["blk.0.attn_k.weight"][rows] = keys
        parameters["blk.0.attn_v.weight"][rows] = seen
        parameters["blk.0.attn_output.weight"][:, rows] = NOTE * note.T

    # Only what turns slowly with the position can be compared over a distance; half of it for each of two tokens.
    slow = np.flatnonzero(np.repeat(frequencies < SLOW, 2))
    first, second = slow[0::4].tolist() + slow[1::4].tolist(), slow[2::4].tolist() + slow[3::4].tolist()
    queries, keys = np.zeros((2, head, width), np.float32)
    queries[first], keys[first] = MATCH * seen[first], MATCH * one_back[first]
    queries[second], keys[second] = MATCH * one_back[second], MATCH * two_back[second]
    parameters["blk.1.attn_q.weight"][:head] = queries
    parameters["blk.1.attn_k.weight"][:head] = keys
    parameters["blk.1.attn_v.weight"][:head] = seen
    parameters["blk.1.attn_output.weight"][:, :head] = BRING * seen.T


def loss_and_gradient(shape: Shape, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
    """The mean cross-entropy over the tokens to be learnt, and its gradient by parameter name."""
    rows, length = batch.tokens.shape
    turn = _rotation(shape, batch.positions)
    # Adding this to the scores leaves each token only what came before it.
    future = np.triu(np.full((length, length), -1e9, np.float32), 1)
    stream = parameters["token_embd.weight"][batch.tokens.ravel()]
    learnt = np.flatnonzero(batch.targets.ravel() >= 0)
    saved = []
    for layer in range(shape.layers):
        stream, attention = _attend(shape, parameters, f"blk.{layer}.", stream, turn, future, rows)
        if layer == shape.layers - 1:
            # Nothing above looks at the other tokens any more.
            stream = stream[learnt]
        stream, mixing = _mix(shape, parameters, f"blk.{layer}.", stream)
        saved.append((attention, mixing))

    learnt = np.flatnonzero(batch.targets.ravel() >= 0)
    gradient: Parameters = {}
    loss, stream_gradient = _predict(shape, parameters, stream, batch.targets.ravel()[learnt], gradient)
    for layer in reversed(range(shape.layers)):
        attention, mixing = saved[layer]
        block = f"blk.{layer}."
        stream_gradient = _mix_backward(parameters, block, stream_gradient, mixing, gradient)
        if layer == shape.layers - 1:
            everywhere = np.zeros((rows * length, shape.width), np.float32)
            everywhere[learnt] = stream_gradient
            stream_gradient = everywhere
        stream_gradient = _attend_backward(parameters, block, stream_gradient, attention, turn, gradient)
    np.add.at(gradient["token_embd.weight"], batch.tokens.ravel(), stream_gradient)
    return loss, gradient


def _rotation(shape: Shape, positions: Integers) -> NDArray[np.complex64]:
    """RoPE as llama.cpp's llama does it: neighbouring numbers are one complex number, turned by position."""
    angles = positions[:, None, :, None] * _frequencies(shape)
    turn: NDArray[np.complex64] = np.exp(1j * angles).astype(np.complex64)
    return turn


def _frequencies(shape: Shape) -> Floats:
    frequencies: Floats = shape.rope_base ** (-np.arange(0, shape.head_width, 2) / shape.head_width)
    return frequencies


def _rotated(values: Floats, turn: NDArray[np.complex64]) -> Floats:
    return (values.view(np.complex64) * turn).view(np.float32)


def _normalised(stream: Floats, weight: Floats, epsilon: float) -> tuple[Floats, Floats, Floats]:
    scale = 1 / np.sqrt(np.einsum("td,td->t", stream, stream)[:, None] / stream.shape[1] + epsilon)
    unit = stream * scale
    return unit * weight, unit, scale


def _normalised_backward(gradient: Floats, weight: Floats, unit: Floats, scale: Floats) -> tuple[Floats, Floats]:
    weight_gradient = np.einsum("td,td->d", gradient, unit)
    gradient = gradient * weight
    along = np.einsum("td,td->t", gradient, unit)[:, None] / unit.shape[1]
    return (gradient - unit * along) * scale, weight_gradient


def _attend(
    shape: Shape,
    parameters: Parameters,
    block: str,
    stream: Floats,
    turn: NDArray[np.complex64],
    future: Floats,
    rows: int,
) -> tuple[Floats, tuple[Any, ...]]:
    inputs, unit, scale = _normalised(stream, parameters[f"{block}attn_norm.weight"], shape.norm_epsilon)

    def heads(name: str) -> Floats:
        flat = inputs @ parameters[f"{block}{name}.weight"].T
        return np.ascontiguousarray(flat.reshape(rows, -1, shape.heads, shape.head_width).transpose(0, 2, 1, 3))

    sharpness = np.float32(shape.head_width**-0.5)
    queries = _rotated(heads("attn_q"), turn) * sharpness
    keys, values = _rotated(heads("attn_k"), turn), heads("attn_v")
    weights = queries @ keys.transpose(0, 1, 3, 2)
    weights += future
    weights -= weights.max(axis=-1, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=-1, keepdims=True)
    seen = (weights @ values).transpose(0, 2, 1, 3).reshape(len(stream), -1)
    stream = stream + seen @ parameters[f"{block}attn_output.weight"].T
    return stream, (inputs, unit, scale, queries, keys, values, weights, seen, sharpness)


def _attend_backward(
    parameters: Parameters,
    block: str,
    stream_gradient: Floats,
    saved: tuple[Any, ...],
    turn: NDArray[np.complex64],
    gradient: Parameters,
) -> Floats:
    inputs, unit, scale, queries, keys, values, weights, seen, sharpness = saved
    rows, heads, length, head_width = queries.shape
    gradient[f"{block}attn_output.weight"] = stream_gradient.T @ seen
    seen_gradient = (stream_gradient @ parameters[f"{block}attn_output.weight"]).reshape(
        rows, length, heads, head_width
    )
    seen_gradient = np.ascontiguousarray(seen_gradient.transpose(0, 2, 1, 3))
    value_gradient = weights.transpose(0, 1, 3, 2) @ seen_gradient
    score_gradient = seen_gradient @ values.transpose(0, 1, 3, 2)
    # The softmax's gradient needs sum(weights * score_gradient); that is seen · seen_gradient.
    outcome = (seen.reshape(rows, length, heads, head_width).transpose(0, 2, 1, 3) * seen_gradient).sum(
        axis=-1, keepdims=True
    )
    score_gradient -= outcome
    score_gradient *= weights
    back = np.conj(turn)
    query_gradient = _rotated((score_gradient @ keys) * sharpness, back)
    key_gradient = _rotated(score_gradient.transpose(0, 1, 3, 2) @ queries, back)

    inputs_gradient = np.zeros_like(inputs)
    for name, part in (("attn_q", query_gradient), ("attn_k", key_gradient), ("attn_v", value_gradient)):
        flat = part.transpose(0, 2, 1, 3).reshape(rows * length, -1)
        gradient[f"{block}{name}.weight"] = flat.T @ inputs
        inputs_gradient += flat @ parameters[f"{block}{name}.weight"]
    below, gradient[f"{block}attn_norm.weight"] = _normalised_backward(
        inputs_gradient, parameters[f"{block}attn_norm.weight"], unit, scale
    )
    return stream_gradient + below


def _mix(shape: Shape, parameters: Parameters, block: str, stream: Floats) -> tuple[Floats, tuple[Floats, ...]]:
    inputs, unit, scale = _normalised(stream, parameters[f"{block}ffn_norm.weight"], shape.norm_epsilon)
    gate = inputs @ parameters[f"{block}ffn_gate.weight"].T
    up = inputs @ parameters[f"{block}ffn_up.weight"].T
    openness = 1 / (1 + np.exp(-gate))
    swish = gate * openness
    inner = swish * up
    stream = stream + inner @ parameters[f"{block}ffn_down.weight"].T
    return stream, (inputs, unit, scale, up, openness, swish, inner)


def _mix_backward(
    parameters: Parameters,
    block: str,
    stream_gradient: Floats,
    saved: tuple[Floats, ...],
    gradient: Parameters,
) -> Floats:
    inputs, unit, scale, up, openness, swish, inner = saved
    gradient[f"{block}ffn_down.weight"] = stream_gradient.T @ inner
    inner_gradient = stream_gradient @ parameters[f"{block}ffn_down.weight"]
    up_gradient = inner_gradient * swish
    gate_gradient = inner_gradient * up * (openness + swish * (1 - openness))
    gradient[f"{block}ffn_up.weight"] = up_gradient.T @ inputs
    gradient[f"{block}ffn_gate.weight"] = gate_gradient.T @ inputs
    inputs_gradient = (
        up_gradient @ parameters[f"{block}ffn_up.weight"] + gate_gradient @ parameters[f"{block}ffn_gate.weight"]
    )
    below, gradient[f"{block}ffn_norm.weight"] = _normalised_backward(
        inputs_gradient, parameters[f"{block}ffn_norm.weight"], unit, scale
    )
    return stream_gradient + below


def _predict(
    shape: Shape,
    parameters: Parameters,
    stream: Floats,
    targets: Integers,
    gradient: Parameters,
) -> tuple[float, Floats]:
    """The loss, and its gradient with respect to `stream`."""
    embedding, weight = parameters["token_embd.weight"], parameters["output_norm.weight"]
    inputs, unit, scale = _normalised(stream, weight, shape.norm_epsilon)
    scores = inputs @ embedding.T
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    at = np.arange(len(targets))
    loss = float(-np.log(scores[at, targets] + 1e-9).mean())
    scores[at, targets] -= 1
    scores /= len(targets)
    gradient["token_embd.weight"] = scores.T @ inputs
    stream_gradient, gradient["output_norm.weight"] = _normalised_backward(scores @ embedding, weight, unit, scale)
    return loss, stream_gradient
