"""The codes of what is odd, and their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Signal(StrEnum):
    """One thing that is odd; the fact `device_signals` holds the codes, sorted, between commas."""

    TAMPERED_PROFILE = "TAMPERED_PROFILE"
    REPLAYED_PROFILE = "REPLAYED_PROFILE"
    FOREIGN_NONCE = "FOREIGN_NONCE"
    STALE_NONCE = "STALE_NONCE"
    COPIED_COOKIE = "COPIED_COOKIE"
    UNKNOWN_SESSION = "UNKNOWN_SESSION"
    STALE_SESSION = "STALE_SESSION"
    OTHER_PAYER = "OTHER_PAYER"
    OTHER_DEVICE = "OTHER_DEVICE"
    OTHER_NETWORK = "OTHER_NETWORK"
    AUTOMATION = "AUTOMATION"
    HEADLESS = "HEADLESS"
    EMULATOR = "EMULATOR"
    REMOTE_CONTROL = "REMOTE_CONTROL"
    ROOTED = "ROOTED"
    DEVELOPER_TOOLS = "DEVELOPER_TOOLS"
    ALTERED_BROWSER = "ALTERED_BROWSER"
    RENDERING_CONTRADICTION = "RENDERING_CONTRADICTION"
    AGENT_CONTRADICTION = "AGENT_CONTRADICTION"
    CLOCK_CONTRADICTION = "CLOCK_CONTRADICTION"
    LANGUAGE_CONTRADICTION = "LANGUAGE_CONTRADICTION"
    LOCATION_CONTRADICTION = "LOCATION_CONTRADICTION"
    HOSTING_ADDRESS = "HOSTING_ADDRESS"
    IMPOSSIBLE_TRAVEL = "IMPOSSIBLE_TRAVEL"
    UNNATURAL_TIMING = "UNNATURAL_TIMING"


TEXTS: Mapping[Signal, tuple[str, str]] = {
    Signal.TAMPERED_PROFILE: (
        "The signature does not fit the profile: a field was changed or another key signed",
        "设备档案签名不符：内容被改动或由其他密钥签名",
    ),
    Signal.REPLAYED_PROFILE: (
        "The profile answers a nonce that was answered before",
        "设备档案使用了已用过的一次性随机数（重放）",
    ),
    Signal.FOREIGN_NONCE: (
        "The profile answers a nonce that was never given out",
        "设备档案中的一次性随机数并非本系统签发",
    ),
    Signal.STALE_NONCE: (
        "The profile came more than five minutes after its nonce was given out",
        "设备档案提交时一次性随机数已超过五分钟",
    ),
    Signal.COPIED_COOKIE: (
        "The cookie names a device whose key did not sign",
        "Cookie 所指设备的密钥未签名，Cookie 可能被复制",
    ),
    Signal.UNKNOWN_SESSION: ("There is no such device session", "设备会话不存在"),
    Signal.STALE_SESSION: (
        "The device session has no profile, or one more than thirty minutes old",
        "设备会话没有档案或档案已超过三十分钟",
    ),
    Signal.OTHER_PAYER: (
        "The device session was opened for another payer",
        "设备会话属于其他付款人",
    ),
    Signal.OTHER_DEVICE: (
        "The device named with the payment is not that of its session",
        "支付所报设备与会话中的设备不一致",
    ),
    Signal.OTHER_NETWORK: (
        "The payment came from another network than the profile",
        "支付与设备档案来自不同网络",
    ),
    Signal.AUTOMATION: ("The browser is driven by a program", "浏览器由程序自动控制"),
    Signal.HEADLESS: ("The browser has no window", "无界面浏览器"),
    Signal.EMULATOR: ("The device is emulated, or a virtual machine", "设备为模拟器或虚拟机"),
    Signal.REMOTE_CONTROL: ("The device is controlled from elsewhere", "设备正被远程控制"),
    Signal.ROOTED: ("The device's protection was taken off", "设备已被越狱或获取最高权限"),
    Signal.DEVELOPER_TOOLS: ("Developer tools are open on the page", "页面打开了开发者工具"),
    Signal.ALTERED_BROWSER: (
        "Functions of the browser were replaced",
        "浏览器内建函数被替换",
    ),
    Signal.RENDERING_CONTRADICTION: (
        "What was drawn does not fit the graphics the browser says it has",
        "绘制结果与浏览器声称的图形环境不符",
    ),
    Signal.AGENT_CONTRADICTION: (
        "What the browser calls itself does not fit what it is",
        "浏览器标识与实际特征不符",
    ),
    Signal.CLOCK_CONTRADICTION: (
        "The time zone does not fit the clock",
        "时区与系统时钟不符",
    ),
    Signal.LANGUAGE_CONTRADICTION: (
        "The browser's language is not the first of its languages",
        "浏览器语言与首选语言列表不符",
    ),
    Signal.LOCATION_CONTRADICTION: (
        "The clock is not that of the place the address is in",
        "设备时区与网络地址所在地不符",
    ),
    Signal.HOSTING_ADDRESS: (
        "The address is in a hosting, proxy or anonymising network",
        "网络地址属于机房、代理或匿名网络",
    ),
    Signal.IMPOSSIBLE_TRAVEL: (
        "The device was elsewhere so lately that nobody travels that fast",
        "设备刚在远处出现，时间上无法到达",
    ),
    Signal.UNNATURAL_TIMING: (
        "Keys and pointer move as no hand moves them",
        "按键与指针节奏不像真人操作",
    ),
}


def codes(signals: Iterable[Signal | str]) -> str | None:
    """The fact: the codes, each once, sorted, between commas; None for none."""
    return ",".join(sorted(set(map(str, signals)))) or None
