"""An archive opened on an engine: one table of what was decided and how it ended, one of labels."""

from __future__ import annotations

from anfu.lab.engines.port import Offline, Staged
from anfu.lab.history.archive import DECISIONS, LABELS, MOVES, Archive

HISTORY, TOLD = "history", "labels"
_NONE = Staged(
    (),
    "SELECT CAST('' AS VARCHAR) AS event, CAST(0 AS BIGINT) AS \"at\", FALSE AS fraud,"
    " CAST('' AS VARCHAR) AS source WHERE FALSE",
)


def open_archive(engine: Offline, archive: Archive) -> bool:
    """Makes the tables `history` (columns of the archive's decisions, where they stood last) and
    `labels`. False when nothing was decided yet: there are no tables then."""
    if not archive.files(DECISIONS):
        return False
    moves = archive.files(MOVES)
    engine.table("decided" if moves else HISTORY, archive.files(DECISIONS))
    if moves:
        engine.table("moves", moves)
        engine.view(HISTORY, _moved(list(archive.columns)))
    if archive.files(LABELS):
        engine.table(TOLD, archive.files(LABELS))
    else:
        engine.keep(TOLD, _NONE)
    return True


def _moved(columns: list[str]) -> str:
    """The decisions with the last word of where their payments stand."""
    kept = [f'd."{name}"' for name in columns if name not in ("state", "refunded")]
    latest = (
        "SELECT event, ARG_MAX(state, n) AS state, ARG_MAX(refunded, n) AS refunded"
        " FROM moves GROUP BY event"
    )
    return (
        f"SELECT {', '.join(kept)}, COALESCE(m.state, d.state) AS state,"
        " COALESCE(m.refunded, d.refunded) AS refunded"
        f" FROM decided AS d LEFT JOIN ({latest}) AS m USING (event)"
    )
