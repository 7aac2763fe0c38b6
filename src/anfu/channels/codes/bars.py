"""Digits as bars that every hand scanner reads: Code 128, code set C (ISO/IEC 15417).

A character stands for two digits and is six widths, bar, space, bar and so on, which come to 11
modules; the last before the stop is a check sum modulo 103.
"""

from __future__ import annotations

_WIDTHS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
]
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
