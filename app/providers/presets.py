"""Templates for new providers: where common servers listen and what they want."""

from __future__ import annotations

from app.domain.catalog import Preset

PRESETS: tuple[Preset, ...] = (
    Preset(
        id="lmstudio",
        label="LM Studio",
        kind="lmstudio",
        base_url="http://localhost:1234/v1",
        needs_key=False,
        help="Start the server in LM Studio's Developer tab, or with `lms server start`.",
        docs_url="https://lmstudio.ai/docs/developer",
    ),
    Preset(
        id="openai",
        label="OpenAI",
        kind="openai",
        base_url="https://api.openai.com/v1",
        needs_key=True,
        help="Make a key at platform.openai.com under API keys.",
        docs_url="https://platform.openai.com/docs/api-reference",
    ),
    Preset(
        id="groq",
        label="Groq",
        kind="groq",
        base_url="https://api.groq.com/openai/v1",
        needs_key=True,
        help="Make a key at console.groq.com under API keys.",
        docs_url="https://console.groq.com/docs/openai",
    ),
    Preset(
        id="ollama",
        label="Ollama",
        kind="ollama",
        base_url="http://localhost:11434/v1",
        needs_key=False,
        help="Start it with `ollama serve`; set OLLAMA_HOST=0.0.0.0 there when it runs on another machine.",
        docs_url="https://docs.ollama.com/openai",
    ),
    Preset(
        id="llamacpp",
        label="llama.cpp server",
        kind="llamacpp",
        base_url="http://localhost:8080/v1",
        needs_key=False,
        help="Start it with `llama-server -m model.gguf`; the key is what --api-key says, if it was given.",
        docs_url="https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
    ),
    Preset(
        id="vllm",
        label="vLLM",
        kind="vllm",
        base_url="http://localhost:8000/v1",
        needs_key=False,
        help="Start it with `vllm serve`; on the machine Patchbay runs on, with --port 8001, because both use 8000.",
        docs_url="https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
    ),
    Preset(
        id="openrouter",
        label="OpenRouter",
        kind="openai_compatible",
        base_url="https://openrouter.ai/api/v1",
        needs_key=True,
        help="Make a key at openrouter.ai/keys.",
        docs_url="https://openrouter.ai/docs/api-reference/overview",
    ),
    Preset(
        id="custom",
        label="Another OpenAI-compatible server",
        kind="openai_compatible",
        base_url="",
        needs_key=False,
        help="The address usually ends in /v1; the connection test says what is wrong with it and offers a repair.",
    ),
)

PRESET_IDS = frozenset(preset.id for preset in PRESETS)
