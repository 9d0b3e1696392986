"""What to tell a person about each vendor's server when it does not answer as it should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.catalog import ProviderConfig


@dataclass(frozen=True, slots=True)
class Vendor:
    """`root` is the path of its API, `port` where it listens unless told otherwise. The rest are whole sentences."""

    label: str
    start: str
    get_models: str
    get_key: str
    root: str = "/v1"
    port: int | None = None


_LMSTUDIO = Vendor(
    label="LM Studio",
    start="Start LM Studio's server (its Developer tab, or `lms server start`), or check the port.",
    get_models="Download one in LM Studio, and allow just-in-time loading or load it there.",
    get_key="Make a token in LM Studio's server settings, and enter it as the key.",
    port=1234,
)
VENDORS: Mapping[str, Vendor] = {
    "lmstudio": _LMSTUDIO,
    "openai": Vendor(
        label="OpenAI",
        start="Check the address.",
        get_models="Check the project's model limits at platform.openai.com.",
        get_key="Make a key at platform.openai.com/api-keys.",
    ),
    "groq": Vendor(
        label="Groq",
        start="Check the address.",
        get_models="Check the project's model permissions at console.groq.com.",
        get_key="Make a key at console.groq.com/keys.",
        root="/openai/v1",
    ),
    "ollama": Vendor(
        label="Ollama",
        start="Start Ollama (`ollama serve`), or check the port.",
        get_models="Fetch one with `ollama pull`.",
        get_key="Enter the key of the server in front of Ollama.",
        port=11434,
    ),
    "llamacpp": Vendor(
        label="llama.cpp's server",
        start="Start `llama-server`, or check the port.",
        get_models="Start `llama-server` with a model.",
        get_key="Enter the key that `llama-server --api-key` was started with.",
        port=8080,
    ),
    "vllm": Vendor(
        label="vLLM",
        start="Start it with `vllm serve`, or check the port.",
        get_models="Start `vllm serve` with a model.",
        get_key="Enter the key that `vllm serve --api-key` was started with.",
        port=8000,
    ),
    "openrouter": Vendor(
        label="OpenRouter",
        start="Check the address.",
        get_models="Check the account's model settings at openrouter.ai.",
        get_key="Make a key at openrouter.ai/keys.",
        root="/api/v1",
    ),
}


def vendor_of(config: ProviderConfig) -> Vendor:
    """By preset where it says more than the kind, as it does for servers that only speak OpenAI's format."""
    known = VENDORS.get(config.preset or "") or VENDORS.get(config.kind)
    return known or Vendor(
        label=config.name,
        start="Start it, or check the address and the port.",
        get_models="Give the server a model.",
        get_key="Enter the key that its operator gave you.",
    )
