"""Settings: read from the environment once, passed on as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from anfu.app.lines import Line, read_line, read_lines
from anfu.channels.banks.port import Party
from anfu.channels.codes.payer_code import is_networks
from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.parties.access.role import ROLES
from anfu.parties.identity.verification import FirmKind, Kind
from anfu.parties.network import Network, parse_networks
from anfu.storage.valkey import Address, read_address


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable, for the reference."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("ANFU_HOME", ".anfu", "Folder of keys and of the embedded database."),
    Setting("ANFU_DATABASE_URL", "", "Your PostgreSQL; empty for the embedded one."),
    Setting("ANFU_CURRENCIES", "CNY", "Currencies payments are taken in, separated by commas."),
    Setting("ANFU_CHECKOUT_ORIGIN", "http://localhost:8000", "Where payers see the checkout page:"
            " passkeys are made for its host and good nowhere else. https:// but on localhost."),
    Setting("ANFU_CONSOLE_ORIGIN", "http://localhost:8080", "Where staff sign in: their passkeys"
            " are made for its host, and no other page writes with their session. https:// but on"
            " localhost."),
    Setting("ANFU_OIDC_ISSUER", "", "Identity provider of staff's single sign-on, as its tokens"
            " name it; empty for none. https:// but on localhost."),
    Setting("ANFU_OIDC_CLIENT", "", "The client id we have there."),
    Setting("ANFU_OIDC_SECRET", "", "The client secret; empty where PKCE alone is asked for. Never"
            " shown or logged."),
    Setting("ANFU_OIDC_ACR", "", "What `acr` must be in its tokens; empty: `amr` must hold `mfa`."),
    Setting("ANFU_OIDC_ROLES", "", "Which role a group gives, `group=role`, separated by commas: a"
            " session has no other of its account's roles. Empty: groups mean nothing."),
    Setting("ANFU_PROXIES", "", "Networks of your own proxies, separated by commas: their"
            " X-Forwarded-For is believed, nobody else's."),
    Setting("ANFU_REQUEST_LOG_DAYS", "14", "For how many days the log of requests is kept, 1 to"
            " 365."),
    Setting("ANFU_PAYER_CODE_PREFIX", "88", "What the codes begin with that customers show: two to"
            " four digits, not as those of a network (10 to 15, 25 to 30, 62)."),
    Setting("ANFU_SANDBOX_URL", "", "Address of the sandbox network; empty for no such channel."),
    Setting("ANFU_CHANNELS", "", "File (TOML) of the networks we are a member of, their keys and"
            " the ways of each method; see docs/channels. Empty for none but the sandbox."),
    Setting("ANFU_TEXTS_URL", "", "The text gateway that codes and notices go to customers'"
            " telephones through: address#key, its Ed25519 public key in hex; empty for none. Ours"
            " is in keys/outside.pub."),
    Setting("ANFU_FACES_URL", "", "Who looks at faces when a customer proves by one: address#key,"
            " the key as above; empty for nobody, and then no face is asked for."),
    Setting("ANFU_BANK_URL", "", "The bank that keeps the reserve account (备付金) and pays"
            " merchants out: address#key, the key as above; empty for none: payouts wait."),
    Setting("ANFU_RESERVE_ACCOUNT", "", "That account: holder,number,the bank's number in CNAPS."),
    Setting("ANFU_REGISTRIES", "", "Who says who a person or a firm is: `kind=address#key`,"
            " separated by white space, the key as above; kinds CITIZEN_REGISTRY, BANK_CARD,"
            " MOBILE_OPERATOR, CREDIT_BUREAU, FACE, and of firms FIRM_REGISTRY, TAX_AUTHORITY,"
            " CORPORATE_ACCOUNT, FIRM_BUREAU. A kind without a registry is refused when it is"
            " asked."),
    Setting("ANFU_ORIGIN", "anfu.local/log", "Name of the evidence log in its checkpoints."),
    Setting("ANFU_NOTICE_URLS", "", "Where staff are told of cases and of models that drift:"
            " apprise URLs separated by white space, each `url` for everything or `name=url` for a"
            " queue, a level of escalation, or `models`. They hold tokens: never shown or logged."),
    Setting("ANFU_DEVELOPMENT", "0", "1: one-time codes can be read over the API, webhooks to"
            " loopback are allowed. Never in production."),
    Setting("ANFU_OFFLINE_URL", "", "Master of the Spark cluster offline work is done on, e.g."
            " spark://host:7077; empty for DuckDB on this machine."),
    Setting("ANFU_PROFILES_URL", "", "Valkey that several processes share profiles in:"
            " valkey://host:port, valkeys:// for TLS, valkey+cluster://a:port,b:port; empty for"
            " profiles in this process. A password in it is never shown or logged."),
    Setting("ANFU_LOCATIONS", "", "File in MaxMind's format that says where addresses are, e.g."
            " GeoLite2-City.mmdb; empty for places as callers tell them."),
    Setting("ANFU_LOG_LEVEL", "WARNING", "What is written to standard error, ours and the"
            " libraries': DEBUG, INFO, WARNING or ERROR. No level writes secrets, codes or personal"
            " data."),
    Setting("ANFU_ACCEPT_HISTORY", "0", "1: accept `occurred_at` from keys with history:write."
            " Never in production."),
)  # fmt: skip
# The persons who act for a firm are asked about at the registry of citizens.
_REGISTRIES = frozenset({*Kind, *FirmKind}) - {FirmKind.REPRESENTATIVE, FirmKind.AGENT}
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_LONGEST_DAYS = 365
_LONGEST_PREFIX = 4
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class SignOnSettings:
    """The identity provider; `secret` is never logged."""

    issuer: str
    client: str
    secret: str | None = field(repr=False)
    acr: str | None
    roles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` and `notice_urls` hold secrets: never logged."""

    home: Path
    database_url: str | None
    currencies: frozenset[str]
    checkout_origin: str
    console_origin: str
    proxies: tuple[Network, ...]
    request_log: timedelta
    payer_code_prefix: str
    sign_on: SignOnSettings | None
    sandbox_url: str | None
    channels: Path | None
    texts: Line | None
    faces: Line | None
    bank: tuple[Line, Party] | None
    registries: Mapping[str, Line]
    origin: str
    notice_urls: str
    development: bool
    accept_history: bool
    offline_url: str | None = None
    profiles: Address | None = None
    locations: Path | None = None
    log_level: str = "WARNING"

    @property
    def postgres(self) -> Path:
        """Where the embedded server lives, when there is no URL."""
        return self.home / "postgres"

    def __repr__(self) -> str:
        return f"Settings(home={str(self.home)!r})"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises Refused(setting_invalid) for a value that cannot be, and setting_unknown for a name
    that begins with ANFU_ and is none."""
    unknown = sorted(n for n in environment if n.startswith("ANFU_") and n not in _DEFAULTS)
    if unknown:
        raise Refused("setting_unknown", field=unknown[0], known=sorted(_DEFAULTS))
    values = {name: environment.get(name, default) for name, default in _DEFAULTS.items()}
    return Settings(
        home=Path(values["ANFU_HOME"]).absolute(),
        database_url=values["ANFU_DATABASE_URL"] or None,
        currencies=_currencies(values["ANFU_CURRENCIES"]),
        checkout_origin=_origin("ANFU_CHECKOUT_ORIGIN", values),
        console_origin=_origin("ANFU_CONSOLE_ORIGIN", values),
        proxies=_networks("ANFU_PROXIES", values["ANFU_PROXIES"]),
        request_log=_days("ANFU_REQUEST_LOG_DAYS", values),
        payer_code_prefix=_prefix(values["ANFU_PAYER_CODE_PREFIX"]),
        sign_on=_sign_on(values),
        sandbox_url=values["ANFU_SANDBOX_URL"] or None,
        channels=Path(values["ANFU_CHANNELS"]).absolute() if values["ANFU_CHANNELS"] else None,
        texts=read_line("ANFU_TEXTS_URL", values["ANFU_TEXTS_URL"]),
        faces=read_line("ANFU_FACES_URL", values["ANFU_FACES_URL"]),
        bank=_bank(values),
        registries=read_lines("ANFU_REGISTRIES", values["ANFU_REGISTRIES"], _REGISTRIES),
        origin=values["ANFU_ORIGIN"],
        notice_urls=values["ANFU_NOTICE_URLS"],
        development=_flag("ANFU_DEVELOPMENT", values["ANFU_DEVELOPMENT"]),
        accept_history=_flag("ANFU_ACCEPT_HISTORY", values["ANFU_ACCEPT_HISTORY"]),
        offline_url=_master(values["ANFU_OFFLINE_URL"]),
        profiles=_address(values["ANFU_PROFILES_URL"]),
        locations=Path(values["ANFU_LOCATIONS"]) if values["ANFU_LOCATIONS"] else None,
        log_level=_level("ANFU_LOG_LEVEL", values["ANFU_LOG_LEVEL"]),
    )


def _flag(name: str, value: str) -> bool:
    if value not in ("0", "1"):
        raise Refused("setting_invalid", field=name, allowed=["0", "1"])
    return value == "1"


def _level(name: str, value: str) -> str:
    if value not in _LEVELS:
        raise Refused("setting_invalid", field=name, allowed=list(_LEVELS))
    return value


def _prefix(value: str) -> str:
    digits = value.isascii() and value.isdigit() and 2 <= len(value) <= _LONGEST_PREFIX
    if not digits or is_networks(value):
        raise Refused("setting_invalid", field="ANFU_PAYER_CODE_PREFIX", allowed=["88", "8801"])
    return value


def _days(name: str, values: Mapping[str, str]) -> timedelta:
    value = values[name]
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= _LONGEST_DAYS:
        raise Refused("setting_invalid", field=name, allowed=[f"1 to {_LONGEST_DAYS}"])
    return timedelta(days=int(value))


def _origin(name: str, values: Mapping[str, str]) -> str:
    """A passkey is bound to a secure origin (WebAuthn level 3, section 13.4.9)."""
    value = values[name]
    parts = urlsplit(value)
    secure = parts.scheme == "https" or (parts.scheme, parts.hostname) == ("http", "localhost")
    if not secure or not parts.hostname or value != f"{parts.scheme}://{parts.netloc}":
        raise Refused("setting_invalid", field=name, allowed=["https://host[:port]"])
    return value


def _sign_on(values: Mapping[str, str]) -> SignOnSettings | None:
    issuer = values["ANFU_OIDC_ISSUER"]
    if not issuer:
        return None
    parts = urlsplit(issuer)
    local = parts.hostname in ("localhost", "127.0.0.1")
    if not (parts.scheme == "https" or (parts.scheme == "http" and local)) or parts.query:
        raise Refused("setting_invalid", field="ANFU_OIDC_ISSUER", allowed=["https://host/path"])
    if not values["ANFU_OIDC_CLIENT"]:
        raise Refused("setting_invalid", field="ANFU_OIDC_CLIENT", allowed=["the client id"])
    pairs = [part.strip().rpartition("=") for part in values["ANFU_OIDC_ROLES"].split(",")]
    roles = {group: role for group, _, role in pairs if role}
    if any(role not in ROLES or not group for group, role in roles.items()):
        raise Refused("setting_invalid", field="ANFU_OIDC_ROLES", allowed=["group=role, …"])
    return SignOnSettings(
        issuer, values["ANFU_OIDC_CLIENT"], values["ANFU_OIDC_SECRET"] or None,
        values["ANFU_OIDC_ACR"] or None, roles,
    )  # fmt: skip


def _bank(values: Mapping[str, str]) -> tuple[Line, Party] | None:
    line = read_line("ANFU_BANK_URL", values["ANFU_BANK_URL"])
    if line is None:
        return None
    account = [part.strip() for part in values["ANFU_RESERVE_ACCOUNT"].split(",")]
    if len(account) != 3 or not all(account):
        allowed = ["holder,number,CNAPS number"]
        raise Refused("setting_invalid", field="ANFU_RESERVE_ACCOUNT", allowed=allowed)
    return line, Party(*account)


def _networks(name: str, value: str) -> tuple[Network, ...]:
    try:
        return parse_networks(
            [part.strip() for part in value.split(",") if part.strip()], field=name
        )
    except Refused:
        raise Refused("setting_invalid", field=name, allowed=["10.0.0.0/8, …"]) from None


def _master(value: str) -> str | None:
    if value and not value.startswith("spark://"):
        raise Refused("setting_invalid", field="ANFU_OFFLINE_URL", allowed=["spark://host:port"])
    return value or None


def _address(value: str) -> Address | None:
    return read_address(value) if value else None


def _currencies(value: str) -> frozenset[str]:
    named = frozenset(part.strip() for part in value.split(",") if part.strip())
    unknown = sorted(named - set(EXPONENTS))
    if unknown or not named:
        raise Refused("setting_invalid", field="ANFU_CURRENCIES", unknown=unknown)
    return named
