-- give_consent --
-- Notes that a viewer wants to be remembered.
INSERT INTO memory_consents (viewer) VALUES ($1) ON CONFLICT (viewer) DO NOTHING

-- take_consent_back --
-- Notes that a viewer no longer wants to be remembered; all memories go with it.
DELETE FROM memory_consents WHERE viewer = $1

-- has_consent --
-- Whether a viewer wants to be remembered.
SELECT 1 FROM memory_consents WHERE viewer = $1

-- forget_before --
-- Notes that what was before now is not remembered of a viewer, whoever notes it later.
UPDATE memory_consents SET given_at = clock_timestamp() WHERE viewer = $1

-- note --
-- Stores memories of those who consented, of what was after that. $1 ids, $2 viewers, $3 personas, $4 kinds, $5 texts, $6 at, $7 expire (ms)
WITH given AS MATERIALIZED (
    -- Who takes the consent back or forgets at this moment waits for us and deletes what we stored, or we find no row
    -- here, or a later time in it.
    SELECT viewer, given_at FROM memory_consents WHERE viewer = ANY ($2::text[]) ORDER BY viewer FOR SHARE
)
INSERT INTO memories (id, viewer, persona, kind, text, at, expires)
SELECT
    n.id, n.viewer, n.persona, n.kind, n.text,
    'epoch'::timestamptz + n.at_ms * interval '1 ms',
    'epoch'::timestamptz + n.expires_ms * interval '1 ms'
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
    AS n (id, viewer, persona, kind, text, at_ms, expires_ms)
JOIN given ON given.viewer = n.viewer AND date_trunc('milliseconds', given.given_at)
    <= 'epoch'::timestamptz + n.at_ms * interval '1 ms'
ORDER BY n.id
ON CONFLICT (id) DO NOTHING
RETURNING viewer, persona

-- trim --
-- Deletes the oldest above $3 of each viewer and persona. $1 viewers, $2 their personas
WITH old AS MATERIALIZED (
    SELECT m.id
    FROM (SELECT DISTINCT viewer, persona FROM unnest($1::text[], $2::text[]) AS a (viewer, persona)) AS asked
    CROSS JOIN LATERAL (
        SELECT k.id FROM memories k
        WHERE k.viewer = asked.viewer AND k.persona = asked.persona
        ORDER BY k.at DESC, k.id DESC
        OFFSET $3
    ) AS over
    JOIN memories m ON m.id = over.id
    -- In order of ids, and not those that somebody else deletes: no deadlock.
    ORDER BY m.id
    FOR UPDATE OF m SKIP LOCKED
)
DELETE FROM memories m USING old WHERE m.id = old.id

-- recall --
-- The newest $3 memories that persona $1 has of each viewer ($2), newest last.
SELECT
    m.id, m.viewer, m.persona, m.kind, m.text,
    (extract(epoch FROM m.at) * 1000)::bigint AS at_ms,
    (extract(epoch FROM m.expires) * 1000)::bigint AS expires_ms
FROM (SELECT DISTINCT viewer FROM unnest($2::text[]) AS a (viewer)) AS asked
CROSS JOIN LATERAL (
    SELECT k.* FROM memories k
    WHERE k.viewer = asked.viewer AND k.persona = $1 AND k.expires > clock_timestamp()
    ORDER BY k.at DESC, k.id DESC
    LIMIT $3
) AS m
ORDER BY m.viewer, m.at, m.id

-- list --
-- All memories of a viewer, newest last.
SELECT
    id, viewer, persona, kind, text,
    (extract(epoch FROM at) * 1000)::bigint AS at_ms,
    (extract(epoch FROM expires) * 1000)::bigint AS expires_ms
FROM memories
WHERE viewer = $1 AND expires > clock_timestamp()
ORDER BY at, id

-- forget --
-- Deletes memories of a viewer: one id ($2), one persona's ($3), or all. Returns their ids.
DELETE FROM memories
WHERE viewer = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR persona = $3)
RETURNING id

-- expire --
-- Deletes at most $2 memories that have expired by $1 (ms). Returns their ids.
DELETE FROM memories
WHERE id IN (
    SELECT id FROM memories
    WHERE expires <= 'epoch'::timestamptz + $1::bigint * interval '1 ms'
    ORDER BY expires
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
RETURNING id
