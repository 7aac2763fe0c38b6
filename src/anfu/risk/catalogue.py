"""The catalogue Anfu ships: the features of `declared`, in the order of the facts."""

from __future__ import annotations

from anfu.risk.declared.habits import HABITS
from anfu.risk.declared.labels import LABELS
from anfu.risk.declared.merchants import MERCHANTS
from anfu.risk.declared.mules import MULES
from anfu.risk.declared.promotions import PROMOTIONS
from anfu.risk.declared.takeover import TAKEOVER
from anfu.risk.declared.velocity import VELOCITY
from anfu.risk.features import Catalogue, make_catalogue

CATALOGUE: Catalogue = make_catalogue(
    VELOCITY + HABITS + TAKEOVER + MULES + MERCHANTS + PROMOTIONS + LABELS
)
