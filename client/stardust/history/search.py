"""Full-text search over all messages.

Each word of the query has to be found; the last letters of a word may be missing.
Case and accents do not matter. Words are those of UAX #29: Chinese and Japanese are
found by any run of their characters. The grammar of FTS5 is not offered, so that no
text that a person types is an error.
"""

from __future__ import annotations

from typing import Final

from stardust.history.database import Database
from stardust.history.errors import CursorError
from stardust.history.messages import COLUMNS, MAX_PAGE, message
from stardust.history.models import Hit, Hits
from stardust.wire.ids import ConversationId

MARK_BEGIN: Final = "\x02"
MARK_END: Final = "\x03"
_SNIPPET_WORDS: Final = 16
_MAX_WORDS: Final = 16

_FIND: Final = f"""SELECT {COLUMNS}, m.id, snippet(message_text, 0, ?1, ?2, '…', ?3)
FROM message_text JOIN message m ON m.id = message_text.rowid
 JOIN conversation v ON v.id = m.conversation JOIN contact c ON c.id = v.contact
WHERE message_text MATCH ?4 AND message_text.rowid < ?5 AND (?6 IS NULL OR v.conversation = ?6)
 AND c.state IN ('accepted', 'request_sent')
ORDER BY message_text.rowid DESC LIMIT ?7"""  # noqa: S608 - constants only


class Search:
    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self,
        text: str,
        *,
        conversation: ConversationId | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> Hits:
        """Newest first (as they were stored), without requests that were not accepted. ``CursorError``."""
        query = _query(text)
        if query is None:
            return Hits((), None)
        wanted = max(1, min(limit, MAX_PAGE))
        rows = self._database.rows(
            _FIND,
            (MARK_BEGIN, MARK_END, _SNIPPET_WORDS, query, _row_id(before), conversation, wanted + 1),
        )
        hits = tuple(Hit(message(row), row[-1]) for row in rows[:wanted])
        return Hits(hits, str(rows[wanted - 1][-2]) if len(rows) > wanted else None)


def _query(text: str) -> str | None:
    words = [word.replace('"', "").replace("\0", "") for word in text.split()]
    quoted = [f'"{word}"*' for word in words if word][:_MAX_WORDS]
    return " ".join(quoted) or None


def _row_id(cursor: str | None) -> int:
    if cursor is None:
        return 2**63 - 1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise CursorError
    return int(cursor)
