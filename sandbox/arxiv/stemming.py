"""Porter's stemmer, by which arXiv's search takes `generative` and `general` for the same word.

As published in 1980, with the two later endings `bli` and `logi` that Lucene has too: https://tartarus.org/martin/PorterStemmer/
"""

from __future__ import annotations

from functools import cache

# Where several fit, the longest ending decides, whether or not it may go.
_SECOND = {
    "ational": "ate", "ization": "ize", "fulness": "ful", "iveness": "ive", "ousness": "ous", "tional": "tion", "biliti": "ble",
    "ation": "ate", "alism": "al", "aliti": "al", "entli": "ent", "iviti": "ive", "ousli": "ous", "alli": "al", "anci": "ance",
    "ator": "ate", "enci": "ence", "izer": "ize", "logi": "log", "bli": "ble", "eli": "e",
}  # fmt: skip
_THIRD = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ness": "", "ful": ""}
_FOURTH = {
    "ement": "", "able": "", "ance": "", "ence": "", "ible": "", "ment": "", "ant": "", "ate": "", "ent": "", "ism": "",
    "iti": "", "ion": "", "ive": "", "ize": "", "ous": "", "al": "", "er": "", "ic": "", "ou": "",
}  # fmt: skip


@cache
def stem(word: str) -> str:
    """Of a word in lower case."""
    if len(word) < 3:
        return word
    word = _without_past(_without_plural(word))
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = f"{word[:-1]}i"
    word = _replaced(_replaced(word, _SECOND, 1), _THIRD, 1)
    if not word.endswith("ion") or word.endswith(("sion", "tion")):
        word = _replaced(word, _FOURTH, 2)
    if word.endswith("e") and (_measure(word[:-1]) > 1 or (_measure(word[:-1]) == 1 and not _short(word[:-1]))):
        word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    ending = next((each for each in ("ed", "ing") if word.endswith(each)), "")
    base = word.removesuffix(ending)
    if not ending or "v" not in _shape(base):
        return word
    if base.endswith(("at", "bl", "iz")):
        return f"{base}e"
    if len(base) > 1 and base[-1] == base[-2] and _shape(base)[-1] == "c" and base[-1] not in "lsz":
        return base[:-1]
    return f"{base}e" if _measure(base) == 1 and _short(base) else base


def _replaced(word: str, endings: dict[str, str], least: int) -> str:
    """With another ending, where `least` groups of vowels and consonants stand before it."""
    for ending, other in endings.items():
        if word.endswith(ending):
            base = word.removesuffix(ending)
            return f"{base}{other}" if _measure(base) >= least else word
    return word


def _measure(base: str) -> int:
    """How often consonants follow vowels."""
    return _shape(base).count("vc")


def _short(base: str) -> bool:
    """Ends as `hop` and `fil` do."""
    return _shape(base).endswith("cvc") and base[-1] not in "wxy"


def _shape(base: str) -> str:
    """Each letter as v or c; a y after a consonant is a vowel."""
    shape = ""
    for letter in base:
        shape += "v" if letter in "aeiou" or (letter == "y" and shape.endswith("c")) else "c"
    return shape
