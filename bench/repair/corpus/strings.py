"""Strings: codes, brackets, words, small languages."""

from __future__ import annotations

from random import Random

from bench.repair.draws import drawn, either, joined, listed, one_of, text, whole


def is_palindrome(phrase: str) -> bool:
    """Whether letters and digits read the same backwards, whatever their case."""
    letters = []
    for character in phrase:
        if character.isalnum():
            letters.append(character.lower())
    return letters == letters[::-1]


def run_lengths(phrase: str) -> str:
    """Each run of a letter as the letter and its length: aab is a2b1."""
    code = ""
    i = 0
    while i < len(phrase):
        j = i
        while j < len(phrase) and phrase[j] == phrase[i]:
            j += 1
        code += phrase[i] + str(j - i)
        i = j
    return code


def expand_runs(code: str) -> str:
    """The text that letters, each followed by its count, stand for."""
    expanded = ""
    letter = ""
    digits = ""
    for character in code:
        if character.isdigit():
            digits += character
        else:
            expanded += letter * int(digits or "1")
            letter = character
            digits = ""
    return expanded + letter * int(digits or "1")


def shift_letters(phrase: str, shift: int) -> str:
    """Small letters moved along the alphabet, all else kept."""
    shifted = []
    for character in phrase:
        if "a" <= character <= "z":
            place = (ord(character) - ord("a") + shift) % 26
            shifted.append(chr(ord("a") + place))
        else:
            shifted.append(character)
    return "".join(shifted)


def balanced(phrase: str) -> bool:
    """Whether every bracket is closed by its own kind, in order."""
    pairs = {")": "(", "]": "[", "}": "{"}
    open_ones: list[str] = []
    for character in phrase:
        if character in "([{":
            open_ones.append(character)
        elif character in pairs:
            if not open_ones or open_ones[-1] != pairs[character]:
                return False
            open_ones.pop()
    return not open_ones


def common_prefix(words: list[str]) -> str:
    """The longest beginning that all words share."""
    if not words:
        return ""
    prefix = words[0]
    for word in words[1:]:
        while not word.startswith(prefix):
            prefix = prefix[:-1]
    return prefix


def parse_pairs(line: str) -> dict[str, int]:
    """`a=1; b=2` as a dict; a name alone counts 1, empty pieces are passed over."""
    found = {}
    for piece in line.split(";"):
        piece = piece.strip()
        if not piece:
            continue
        if "=" in piece:
            key, value = piece.split("=")
            found[key.strip()] = int(value)
        else:
            found[piece] = 1
    return found


def from_roman(numeral: str) -> int:
    """The number that a Roman numeral stands for."""
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    total = 0
    previous = 0
    for letter in numeral[::-1]:
        value = values[letter]
        if value < previous:
            total -= value
        else:
            total += value
        previous = max(previous, value)
    return total


def wrap_words(phrase: str, width: int) -> list[str]:
    """The words in lines of at most `width`, a longer word alone on its line."""
    lines = []
    line = ""
    for word in phrase.split():
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width:
            line = line + " " + word
        else:
            lines.append(line)
            line = word
    if line:
        lines.append(line)
    return lines


def mask_middle(secret: str, keep: int) -> str:
    """A secret with its middle starred, `keep` letters shown at each end."""
    if len(secret) <= 2 * keep:
        return "*" * len(secret)
    hidden = len(secret) - 2 * keep
    return secret[:keep] + "*" * hidden + secret[len(secret) - keep :]


def name_case(phrase: str) -> str:
    """snake_case as CamelCase, or back again."""
    if "_" in phrase or phrase.islower():
        return "".join(part.capitalize() for part in phrase.split("_"))
    words = ""
    for place, character in enumerate(phrase):
        if character.isupper() and place > 0:
            words += "_"
        words += character.lower()
    return words


def _roman(random: Random) -> str:
    tens = " X XX XXX XL L LX LXX LXXX XC C CX CXL".split(" ")
    ones = " I II III IV V VI VII VIII IX".split(" ")
    return random.choice(tens) + random.choice(ones)


FUNCTIONS = (
    drawn(
        is_palindrome, either(text("aAb,", 0, 6), one_of("Abba!", "a1,1A", "abcb a"))
    ),
    drawn(run_lengths, text("aab", 0, 9)),
    drawn(expand_runs, joined(listed(one_of("a2", "b", "c1", "d10", "e3"), 0, 5), "")),
    drawn(shift_letters, text("abmxyz Q-", 0, 7), whole(-30, 30)),
    drawn(balanced, either(text("()[]", 0, 6), text("({)}x", 0, 5))),
    drawn(common_prefix, listed(one_of("abc", "abd", "ab", "a", "abcd", "b"), 0, 4)),
    drawn(
        parse_pairs,
        joined(listed(one_of("a=1", " b = 20", "c", "", " a = 3 ", " d "), 0, 5), ";"),
    ),
    drawn(from_roman, _roman),
    drawn(
        wrap_words,
        joined(listed(one_of("a", "of", "the", "wick", "burns"), 0, 7), " "),
        whole(1, 12),
    ),
    drawn(mask_middle, text("abc12", 0, 9), whole(0, 3)),
    drawn(
        name_case,
        either(
            joined(listed(one_of("a", "net", "last", "x2"), 1, 3), "_"),
            joined(listed(one_of("Net", "Last", "Of", "B"), 1, 3), ""),
        ),
    ),
)
