"""The payers' pages (`web/checkout`): where they are, and what a browser lets them do.

They run their own script and style, named with their digests (SRI), and nothing that stands in the
page itself; are framed by nobody, and speak to nobody but us. A form may be posted to a network's
page, wherever that is: over TLS, outside a trial.
"""

from __future__ import annotations

from starlette.routing import Route

from anfu.entrypoints.api.site import Site
from anfu.payments.tools import Tools

_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    b" base-uri 'none'; form-action 'self' %s; frame-ancestors 'none'"
)
_MORE = (
    (b"permissions-policy", b"publickey-credentials-get=(self),"
     b" publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()"),
)  # fmt: skip
_PLACES = ("/pay/{page:path}", "/code/{page:path}")


def checkout_routes(tools: Tools) -> list[Route]:
    """The addresses of the pages and of their files."""
    forms = b"https: http:" if tools.policy.trial else b"https:"
    site = Site("checkout", _POLICY % forms, tools.entropy, _MORE)
    return [*site.routes, *(Route(place, site) for place in _PLACES)]
