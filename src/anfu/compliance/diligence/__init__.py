"""Due diligence of merchants (特约商户尽职调查), done by the institution itself (国令768 art. 22).

Here: `apply` (a draft, and what is written in it), `submit` (its checks), `inquire` (asking the
registries, and what follows), `decide` (a second person), `suspend` (by hand, lifted, closed),
`renew` (looked at again in time), `standing` (how one stands, as evidence too).
Not here: the line to a registry, the states themselves, settling.
"""
