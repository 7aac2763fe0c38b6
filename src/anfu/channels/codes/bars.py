"""Digits as bars that every hand scanner reads: Code 128, code set C (ISO/IEC 15417).

A character stands for two digits and is six widths, bar, space, bar and so on, which come to 11
modules; the last before the stop is a check sum modulo 103.
"""

from __future__ import annotations

# By the value of a character, 0 to 105, six widths each.
_TABLE = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231"
    "113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211"
    "212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131"
    "113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111"
    "314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211"
    "241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214"
    "211232"
)
_WIDTHS = [_TABLE[i : i + 6] for i in range(0, len(_TABLE), 6)]
_START_C, _MODULUS = 105, 103
_STOP = "2331112"


def bars(digits: str) -> str:
    """The modules from left to right, 1 dark, without the quiet zone of ten at each side. Raises
    ValueError unless there are an even number of digits."""
    if not (digits.isascii() and digits.isdigit()) or len(digits) % 2:
        raise ValueError("code set C takes pairs of digits")
    pairs = [int(digits[i : i + 2]) for i in range(0, len(digits), 2)]
    check = (_START_C + sum(place * pair for place, pair in enumerate(pairs, 1))) % _MODULUS
    widths = [_WIDTHS[value] for value in (_START_C, *pairs, check)]
    return "".join(
        ("1" if place % 2 == 0 else "0") * int(width)
        for character in (*widths, _STOP)
        for place, width in enumerate(character)
    )
