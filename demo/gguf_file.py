"""Writing the trained model as a GGUF file that llama.cpp runs.

Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from pathlib import Path

import gguf
import numpy as np

from demo.model import Parameters, Shape
from demo.tokenizer import Tokenizer

CHAT_TEMPLATE = Path(__file__).with_name("chat_template.jinja")
CONTEXT_TOKENS = 4096


def write(path: Path, shape: Shape, parameters: Parameters, tokenizer: Tokenizer) -> None:
    """Write everything llama.cpp needs: sizes, tokens, chat template and weights (matrices as f16)."""
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, shape)
    _add_tokenizer(writer, tokenizer)
    for name, value in parameters.items():
        # Norms stay f32: llama.cpp computes with them directly.
        writer.add_tensor(name, value.astype(np.float16) if value.ndim == 2 else value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name("Patchbay toy")
    writer.add_description("A toy that comes with Patchbay: a few dozen answers learnt by heart.")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_vocab_size(shape.vocabulary)
    # llama.cpp uses this where a request says nothing: what was learnt by heart gains nothing from chance.
    writer.add_sampling_temp(0.2)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokenizer.tokens)
    writer.add_token_types([control if token in tokenizer.controls else normal for token in tokenizer.tokens])
    writer.add_token_merges([f"{left} {right}" for left, right in tokenizer.merges])
    writer.add_eos_token_id(tokenizer.ids["<|im_end|>"])
    writer.add_pad_token_id(tokenizer.ids["<|endoftext|>"])
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE.read_text(encoding="utf-8"))
