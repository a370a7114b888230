"""Whose turn it is: people with waiting videos take turns, and each one's own come in order.

SQL for `leases` (what is sent next), `outlook` (how many go before) and `capacity` (what is under
way). Pure text. Statuses are literals, and a plus keeps a column out of other indexes, so that
SQLite takes the partial ones, which stay small however many finished videos there are.
"""

from __future__ import annotations

# Places in the line of all that waits: everybody's first video, then everybody's second, …
PLACES = """
    SELECT id, ROW_NUMBER() OVER (ORDER BY turn, created_at, id) AS place FROM (
        SELECT id, created_at,
            ROW_NUMBER() OVER (PARTITION BY owner_id ORDER BY created_at, id) AS turn
        FROM videos_video WHERE status = 'queued'
    ) AS line"""

# Whoever has most videos under way waits longest. What is late comes even if its model is closed.
NEXT = """
    SELECT id FROM (
        SELECT waiting.id, waiting.created_at, COALESCE(busy.videos, 0) + ROW_NUMBER() OVER (
            PARTITION BY waiting.owner_id ORDER BY waiting.created_at, waiting.id
        ) AS turn
        FROM videos_video AS waiting LEFT JOIN (
            SELECT +owner_id AS owner_id, COUNT(*) AS videos FROM videos_video
            WHERE status IN ('submitting', 'in_progress') GROUP BY +owner_id
        ) AS busy ON busy.owner_id = waiting.owner_id
        WHERE waiting.status = 'queued' AND waiting.next_at <= {now}
            AND ({is_open} OR waiting.deadline_at <= {now})
    ) AS line ORDER BY turn, created_at, id LIMIT %s"""

# How many videos are being submitted or made, by key and model.
UNDER_WAY = """
    SELECT +provider_key_id, resolved_model, COUNT(*) FROM videos_video
    WHERE status IN ('submitting', 'in_progress') GROUP BY +provider_key_id, resolved_model"""

WAITING_MODELS = "SELECT DISTINCT resolved_model FROM videos_video WHERE status = 'queued'"
