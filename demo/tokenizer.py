"""Byte-level BPE as GPT-2 made it: learning the merges from a corpus, and encoding with them.

The file says `gpt-2` as its pre-tokenizer, so llama.cpp must cut text exactly where `PIECES` does.
Source: https://github.com/openai/gpt-2/blob/master/src/encoder.py
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

# GPT-2's pattern without the `regex` package: `[^\W\d_]` are the letters, `\d` the numbers.
PIECES = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

Pair = tuple[str, str]


def byte_characters() -> dict[int, str]:
    """A visible character for each byte, as GPT-2 writes them in its token list."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + at) for at, byte in enumerate(hidden)}


CHARACTER_OF = byte_characters()
SPACE = CHARACTER_OF[ord(" ")]


def spell(piece: str) -> list[str]:
    """The characters that stand for the UTF-8 bytes of `piece`."""
    return [CHARACTER_OF[byte] for byte in piece.encode()]


def learn_merges(texts: Iterable[str], *, parts: int, spaced_words: int) -> list[Pair]:
    """The most useful merges: `parts` within words, then a space before each of the `spaced_words` commonest words.

    Spaces join only whole common words, and last, so that a rare word is cut alike with a space before it or a
    quotation mark: what is copied from one place to another then consists of the same tokens.
    The same texts always give the same list.
    """
    words = Counter(piece for text in texts for piece in PIECES.findall(text))
    bare = Counter[str]()
    for word, count in words.items():
        bare[word.removeprefix(" ")] += count
    merges = _merges_within(bare, parts)
    cut = Tokenizer(merges, [])
    for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        if len(merges) == parts + spaced_words:
            break
        if word.startswith(" ") and word[1:].isalpha() and len(cut.encode(word[1:])) == 1:
            merges.append((SPACE, "".join(spell(word[1:]))))
    return merges


def _merges_within(words: Counter[str], count: int) -> list[Pair]:
    # Words seen once, mostly made up, would change little and take most of the time.
    spelled = {word: spell(word) for word, count in words.items() if count > 1}
    merges: list[Pair] = []
    for _ in range(count):
        pairs: Counter[Pair] = Counter()
        for word, symbols in spelled.items():
            for pair in pairwise(symbols):
                pairs[pair] += words[word]
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for word, symbols in spelled.items():
            if best[0] in symbols:
                spelled[word] = merged(symbols, best)
    return merges


def merged(symbols: list[str], pair: Pair) -> list[str]:
    """`symbols` with each occurrence of `pair`, from the left, made one symbol."""
    result: list[str] = []
    at = 0
    while at < len(symbols):
        if at + 1 < len(symbols) and (symbols[at], symbols[at + 1]) == pair:
            result.append(symbols[at] + symbols[at + 1])
            at += 2
        else:
            result.append(symbols[at])
            at += 1
    return result


class Tokenizer:
    """Text to token ids, with control tokens that are never cut."""

    def __init__(self, merges: list[Pair], controls: list[str]) -> None:
        self.merges = merges
        self.controls = controls
        self.tokens = [*controls, *CHARACTER_OF.values(), *(left + right for left, right in merges)]
        # Two merges may spell the same token; a GGUF lists each token once.
        self.tokens = list(dict.fromkeys(self.tokens))
        self.ids = {token: at for at, token in enumerate(self.tokens)}
        self._rank = {pair: at for at, pair in enumerate(merges)}
        self._controls = re.compile("(" + "|".join(map(re.escape, controls or ["\0"])) + ")")
        self._encode_piece = lru_cache(maxsize=50_000)(self._merge_piece)

    def encode(self, text: str) -> list[int]:
        """The ids of `text`; control tokens written in it count as such."""
        ids: list[int] = []
        for part in self._controls.split(text):
            if part in self.ids and part in self.controls:
                ids.append(self.ids[part])
            else:
                for piece in PIECES.findall(part):
                    ids.extend(self._encode_piece(piece))
        return ids

    def _merge_piece(self, piece: str) -> tuple[int, ...]:
        symbols = spell(piece)
        while len(symbols) > 1:
            pairs = set(pairwise(symbols))
            best = min(pairs, key=lambda pair: self._rank.get(pair, len(self._rank)))
            if best not in self._rank:
                break
            symbols = merged(symbols, best)
        return tuple(self.ids[symbol] for symbol in symbols)
