"""Interpolated Kneser-Ney and add-k by their definitions: dictionaries of tuples, fractions, recursion."""

from collections import Counter
from fractions import Fraction

START, END = "<", ">"


def grams(texts, length, ends):
    """Counts of tuples of this length, one start before each text."""
    found = Counter()
    for text in texts:
        line = [START, *text, *([END] if ends else [])]
        for i in range(len(line) - length + 1):
            gram = tuple(line[i : i + length])
            if gram[-1] != START:
                found[gram] += 1
    return found


def weights(texts, order, ends):
    """{length: {gram: Kneser-Ney's count}}."""
    raw = {length: grams(texts, length, ends) for length in range(1, order + 1)}
    found = {order: dict(raw[order])}
    for length in range(order - 1, 0, -1):
        before = {}
        for gram in raw[length + 1]:
            before.setdefault(gram[1:], set()).add(gram[0])
        found[length] = {gram: count if gram[0] == START else len(before[gram]) for gram, count in raw[length].items()}
    return found


def kneser_ney(texts, order, alphabet, ends, discount=None):
    """p(symbol, context) with a context of any length, as exact fractions."""
    counted = weights(texts, order, ends)
    taken = {}
    for length, table in counted.items():
        once, twice = (sum(value == j for value in table.values()) for j in (1, 2))
        estimated = Fraction(once, once + 2 * twice) if once and twice else Fraction(1, 2)
        taken[length] = estimated if discount is None else Fraction(discount)
    outcomes = len(alphabet) + ends

    def p(symbol, context):
        """The context is cut by the caller."""
        below = p(symbol, context[1:]) if context else Fraction(1, outcomes)
        table = counted.get(len(context) + 1, {})
        following = {gram[-1]: value for gram, value in table.items() if gram[:-1] == context}
        total = sum(following.values())
        if not total:
            return below
        D = taken[len(context) + 1]
        return (max(following.get(symbol, 0) - D, 0) + D * len(following) * below) / total

    return p


def add_k(texts, order, alphabet, ends, k):
    """The same for add-k; k = 0 is the maximum of the likelihood."""
    outcomes = len(alphabet) + ends

    def p(symbol, context):
        table = grams(texts, len(context) + 1, ends)
        total = sum(count for gram, count in table.items() if gram[:-1] == context)
        if not total + k:
            return Fraction(1, outcomes)
        return (table[(*context, symbol)] + Fraction(k)) / (total + Fraction(k) * outcomes)

    return p


def probability(p, text, order, ends):
    """p of a whole text, a fraction."""
    line = [START, *text, *([END] if ends else [])]
    result = Fraction(1)
    for i in range(1, len(line)):
        result *= p(line[i], tuple(line[max(0, i - order + 1) : i]))
    return result
