"""Scenes: where payers pay a merchant."""

from __future__ import annotations

from enum import StrEnum


class Scene(StrEnum):
    """ONLINE ones apart, it is a place with a counter, which somebody can visit."""

    APP = "APP"
    MINI_PROGRAM = "MINI_PROGRAM"  # 小程序
    H5 = "H5"
    PAYEE_CODE = "PAYEE_CODE"  # 商户展示动态码，付款人扫
    PAYER_CODE = "PAYER_CODE"  # 付款人展示，商户扫
    STATIC_CODE = "STATIC_CODE"  # 静态码


ONLINE = frozenset({Scene.APP, Scene.MINI_PROGRAM, Scene.H5})
