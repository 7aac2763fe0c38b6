"""What the journeys work with, put together once by `app`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from anfu.authentication.enrolled.verify import Means
from anfu.authentication.passkey import RelyingParty
from anfu.channels.banks.port import ReserveAccount
from anfu.channels.bills.bill import Bills
from anfu.channels.faces.port import FaceFirm
from anfu.channels.notices.target import Target
from anfu.channels.oidc.provider import IdentityProvider
from anfu.channels.port import Channel, NoticeReader, Scene
from anfu.channels.registries.port import Registry
from anfu.channels.texts.gateway import TextGateway
from anfu.kernel.ids import Entropy
from anfu.limits.rule import Rule
from anfu.parties.keyring import Sealer
from anfu.parties.network import Network
from anfu.payments.health import Health
from anfu.payments.route import Route
from anfu.risk.engine import Engine
from anfu.risk.lists.follow import ListFollower
from anfu.risk.signals.location import Locator
from anfu.storage.database import Database

LOCAL = RelyingParty("localhost", "Anfu", ("http://localhost:8000",))
CONSOLE = RelyingParty("localhost", "Anfu", ("http://localhost:8080",))


_ORDER_LIFE: Mapping[Scene, timedelta] = MappingProxyType(
    {
        Scene.APP: timedelta(minutes=15),
        Scene.MINI_PROGRAM: timedelta(minutes=15),
        Scene.H5: timedelta(minutes=5),
        Scene.PAGE: timedelta(minutes=15),
        Scene.DYNAMIC_CODE: timedelta(minutes=10),
        Scene.STATIC_CODE: timedelta(minutes=5),
        Scene.PAYER_CODE: timedelta(seconds=45),
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the institution chose. Times are for how long somebody is waited for."""

    currencies: frozenset[str] = frozenset({"CNY"})
    challenge: timedelta = timedelta(minutes=5)
    review: timedelta = timedelta(minutes=30)
    sending: timedelta = timedelta(seconds=30)
    # How long a payer may take at the network, by scene: as short as people need.
    order_life: Mapping[Scene, timedelta] = field(default_factory=lambda: _ORDER_LIFE)
    # Until when a payment that was certainly not done is sent again on another route: longer, and
    # the payer has gone.
    retrying: timedelta = timedelta(minutes=2)
    # How long a customer waits until a limit of its own is raised or lifted.
    cooling_off: timedelta = timedelta(hours=24)
    # How long payments under mandates are proven after a new password or device.
    quiet: timedelta = timedelta(hours=24)
    # Accept `occurred_at`: a history replayed into a test installation. Never in production.
    accept_history: bool = False
    # Who asks for passkeys: the domain, and the pages on it.
    party: RelyingParty = LOCAL
    # Where staff sign in: the only pages that may write with their cookie.
    console: RelyingParty = CONSOLE
    # Whose word is taken for where a request came from.
    proxies: tuple[Network, ...] = ()
    # Two people release payouts to the bank whose batch comes to more, minor units.
    release_above: int = 10_000_000
    # How long the log of requests is kept.
    request_log: timedelta = timedelta(days=14)
    # What the codes that customers show begin with: not as those of a network.
    payer_code_prefix: str = "88"
    # Write one-time codes into the development outbox, where anybody with a key reads them.
    development: bool = False

    @property
    def trial(self) -> bool:
        """An installation to play with, in a way that is never allowed in production."""
        return self.development or self.accept_history


@dataclass(frozen=True, slots=True)
class SignOn:
    """The identity provider of staff, and what the institution made of it: `acr` is what its
    tokens must say of how somebody signed in (None: that two factors were used), `roles` by group,
    empty when groups mean nothing."""

    provider: IdentityProvider
    acr: str | None
    roles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tools:
    """The rooms' instruments; `challenge_key` is the secret of one-time codes."""

    database: Database
    channels: Mapping[str, Channel]
    readers: Mapping[str, NoticeReader]
    engine: Engine
    lists: ListFollower
    rules: Sequence[Rule]
    sealer: Sealer
    entropy: Entropy
    challenge_key: bytes
    policy: Policy
    # The line to customers' telephones, None where there is no gateway.
    texts: TextGateway | None = None
    # Staff's single sign-on, None where there is none.
    sign_on: SignOn | None = None
    # Who looks at faces, None where nobody does.
    faces: FaceFirm | None = None
    # Where staff are told of cases; the lines themselves are the worker's.
    notices: Sequence[Target] = ()
    # Outside channels that verify who a person is, by the kind of their records.
    registries: Mapping[str, Registry] = field(default_factory=dict)
    # What networks say they have done, by channel.
    bills: Mapping[str, Bills] = field(default_factory=dict)
    # The reserve bank account, None where no bank is connected: payouts then wait.
    reserve: ReserveAccount | None = None
    # Where addresses are; None where the operator has supplied no file.
    locator: Locator | None = None
    # Through which channels a method goes; one that is not named goes through the channel of its
    # name.
    routes: Mapping[str, Sequence[Route]] = field(default_factory=dict)
    health: Health = field(default_factory=Health)
    # What fetches the keys that networks publish, by channel.
    renewals: Mapping[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)

    def routes_of(self, method: str) -> Sequence[Route]:
        """The ways of a method; none for one that is not known."""
        alone = (Route(method),) if method in self.channels else ()
        return self.routes.get(method, alone)

    @property
    def methods(self) -> list[str]:
        """The methods that go through a channel."""
        return sorted({*self.channels, *self.routes})

    @property
    def means(self) -> Means:
        """What answers to challenges are compared by."""
        return Means(self.challenge_key, self.policy.party)

    @property
    def staff_means(self) -> Means:
        """What staff's answers are compared by."""
        return Means(self.challenge_key, self.policy.console)

    def notified(self, name: str) -> list[str]:
        """The ids of the lines on which those who work on the queue, or bear the name, are told:
        their own, and the lines of everybody."""
        return [target.id for target in self.notices if target.name in (None, name)]
