"""Owns a language model small enough to be made on the spot, to try a server of models with. It speaks nonsense.

    python -m training.tiny_model tiny-model        # seconds; needs the extra "tiny-model"

Writes a folder that vLLM and transformers load: a LLaMA of 2 layers with random weights, a byte-level BPE
tokenizer trained on a few dialogues of the packs, and a chat template. The same seed gives the same weights.
What it is for: streaming, stopping, timeouts, the shape of the prompt. What it is not for: any judgement of words.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from personas import load_packs

VOCABULARY = 600  # 256 bytes, 3 special tokens, the rest merges
CONTEXT_TOKENS = 16_384  # Hangul takes 2-3 tokens a syllable here: a prompt with four examples is some 8,000
DIALOGUES_A_PACK = 10
BOS, EOS, PAD = "<s>", "</s>", "<pad>"

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ message['role'] }}: {{ message['content'] }}\n"
    "{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)


def lines() -> Iterator[str]:
    """A few questions and answers of every pack."""
    for pack in load_packs().values():
        for dialogue in pack.dialogues[:DIALOGUES_A_PACK]:
            yield dialogue.question
            yield dialogue.answer


def make_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of VOCABULARY tokens: every text can be written in it."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(
        lines(), vocab_size=VOCABULARY, special_tokens=[BOS, EOS, PAD], show_progress=False
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer._tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        model_max_length=CONTEXT_TOKENS,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def make_model(tokenizer: PreTrainedTokenizerFast, seed: int) -> LlamaForCausalLM:
    """Random weights, about 200,000 parameters: hidden 64, 2 layers, 4 heads of 32."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=32,
        max_position_embeddings=CONTEXT_TOKENS,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config).to(torch.bfloat16)


def main() -> None:
    """Makes the model and writes it."""
    parser = argparse.ArgumentParser(description="make a tiny language model to try a model server with")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    tokenizer = make_tokenizer()
    make_model(tokenizer, arguments.seed).save_pretrained(arguments.folder)
    tokenizer.save_pretrained(arguments.folder)


if __name__ == "__main__":
    main()
