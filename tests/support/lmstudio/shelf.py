"""The models that are downloaded on the simulated machine, and those that its catalogue has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """As LM Studio's lists describe one. `reasoning` are the options that v1 lists, the default first."""

    key: str
    name: str
    arch: str
    params: str | None
    size_bytes: int
    max_context: int
    publisher: str = "lmstudio-community"
    quantization: str = "Q4_K_M"
    bits: int = 4
    format: str = "gguf"
    embeds: bool = False
    sees: bool = False
    tools: bool = False
    reasoning: tuple[str, ...] = ()
    experts: bool = False
    reasons_in: str = "reasoning_content"
    """The field that chat completions have its reasoning in; `reasoning` for gpt-oss since 0.3.23."""


_DOWNLOADED = (
    Model(
        "qwen/qwen3-8b",
        "Qwen3 8B",
        "qwen3",
        "8B",
        5_027_783_488,
        40960,
        publisher="qwen",
        tools=True,
        reasoning=("on", "off"),
    ),
    Model(
        "google/gemma-3-12b",
        "Gemma 3 12B",
        "gemma3",
        "12B",
        8_148_848_640,
        131072,
        publisher="google",
        sees=True,
    ),
    Model(
        "openai/gpt-oss-20b",
        "GPT-OSS 20B",
        "gpt-oss",
        "20B",
        12_109_566_560,
        131072,
        publisher="openai",
        quantization="MXFP4",
        tools=True,
        reasoning=("low", "medium", "high"),
        experts=True,
        reasons_in="reasoning",
    ),
    Model(
        "mlx-community/phi-4-mini", "Phi 4 Mini", "phi3", "4B", 2_158_223_360, 131072, "mlx-community", "4bit", 4, "mlx"
    ),
    Model(
        "text-embedding-nomic-embed-text-v1.5",
        "Nomic Embed Text v1.5",
        "nomic-bert",
        None,
        84_106_624,
        2048,
        publisher="nomic-ai",
        embeds=True,
    ),
)
DOWNLOADED = {model.key: model for model in _DOWNLOADED}

_CATALOGUE = (
    Model(
        "qwen/qwen3-4b", "Qwen3 4B", "qwen3", "4B", 2_497_280_000, 40960, "qwen", tools=True, reasoning=("on", "off")
    ),
    Model("google/gemma-3-1b", "Gemma 3 1B", "gemma3", "1B", 806_058_496, 32768, "google"),
)
CATALOGUE = {model.key: model for model in _CATALOGUE}
HUB = "https://huggingface.co/"


def from_hub(address: str, quantization: str | None) -> Model:
    """What a download of `https://huggingface.co/<publisher>/<name>` becomes."""
    publisher, _, name = address.removeprefix(HUB).partition("/")
    key = name.lower().removesuffix("-gguf")
    return Model(key, name, "llama", "3B", 2_019_377_376, 131072, publisher, quantization or "Q4_K_M")
