-- tell --
-- Puts a story at the end of its room's queue; no row when it was told before or another of the viewer waits.
INSERT INTO stories (id, room, viewer, client_id, nick, title, text, stage, anonymous, may_clip, age_band)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING
RETURNING
    id, room, viewer, nick, title, text, stage, anonymous, may_clip, age_band, status,
    (extract(epoch FROM told_at) * 1000)::bigint AS told_at_ms,
    -- Without itself, which this statement does not see.
    1 + (SELECT count(*) FROM stories w WHERE w.room = $2 AND w.status = 'waiting') AS place

-- of_viewer --
-- The newest $4 stories of a viewer in a room, or the one of client id $3, in order of telling.
SELECT
    s.id, s.room, s.viewer, s.nick, s.title, s.text, s.stage, s.anonymous, s.may_clip, s.age_band, s.status,
    (extract(epoch FROM s.told_at) * 1000)::bigint AS told_at_ms,
    CASE WHEN s.status = 'waiting' THEN (
        SELECT count(*) FROM stories w WHERE w.room = s.room AND w.status = 'waiting' AND w.number <= s.number
    ) ELSE 0 END AS place
FROM (
    SELECT * FROM stories
    WHERE room = $1 AND viewer = $2 AND ($3::text IS NULL OR client_id = $3)
    ORDER BY number DESC
    LIMIT $4
) AS s
ORDER BY s.number

-- waiting --
-- The next stories of a room, in order; one that an owner before today's claimed and never opened waits, too.
SELECT
    id, room, viewer, nick, title, text, stage, anonymous, may_clip, age_band, status,
    (extract(epoch FROM told_at) * 1000)::bigint AS told_at_ms,
    row_number() OVER (ORDER BY number) AS place
FROM stories
WHERE
    room = $1
    AND (status = 'waiting' OR (status = 'claimed' AND claimed_under < (SELECT epoch FROM rooms WHERE id = $1)))
ORDER BY number
LIMIT $2

-- count_waiting --
-- How many stories of a room wait, as in waiting.
SELECT count(*) AS waiting
FROM stories
WHERE
    room = $1
    AND (status = 'waiting' OR (status = 'claimed' AND claimed_under < (SELECT epoch FROM rooms WHERE id = $1)))

-- claim --
-- Takes the next story, or $3, for the owner of epoch $2; not under another epoch. $4 seconds a claim stands
WITH live AS MATERIALIZED (
    -- As in append: a claim of the room waits for us, or we see that it was first.
    SELECT id FROM rooms WHERE id = $1 AND epoch = $2 FOR SHARE
),
chosen AS MATERIALIZED (
    SELECT s.id
    FROM stories s
    -- No join with live: so the index gives the order, and the search ends at the first one.
    WHERE EXISTS (SELECT FROM live)
        AND s.room = $1
        AND s.status IN ('waiting', 'claimed')
        AND ($3::text IS NULL OR s.id = $3)
        AND (
            s.status = 'waiting'
            -- 1. By an owner before us. 2. By us, who never got the answer.
            OR s.claimed_under < $2
            OR s.claimed_at < clock_timestamp() - $4 * interval '1 second'
        )
    ORDER BY s.number
    LIMIT 1
    FOR UPDATE OF s SKIP LOCKED
)
UPDATE stories s
SET status = 'claimed', claimed_under = $2, claimed_at = clock_timestamp()
FROM chosen
WHERE s.id = chosen.id
RETURNING
    s.id, s.room, s.viewer, s.nick, s.title, s.text, s.stage, s.anonymous, s.may_clip, s.age_band, s.status,
    (extract(epoch FROM s.told_at) * 1000)::bigint AS told_at_ms,
    0 AS place

-- opened --
-- Notes that a story stands in its room's log; no row when it was withdrawn.
UPDATE stories
SET status = 'opened', claimed_under = NULL, claimed_at = NULL
WHERE id = $1 AND status <> 'withdrawn'
RETURNING id

-- give_back --
-- Lets a story wait again that is claimed under epoch $2.
UPDATE stories
SET status = 'waiting', claimed_under = NULL, claimed_at = NULL
WHERE id = $1 AND status = 'claimed' AND claimed_under = $2

-- withdraw --
-- Takes a story of viewer $1 back and erases its words. Returns what it was before.
WITH stood AS MATERIALIZED (
    SELECT id, status FROM stories WHERE id = $2 AND viewer = $1 FOR UPDATE
),
gone AS (
    UPDATE stories s
    SET status = 'withdrawn', claimed_under = NULL, claimed_at = NULL, nick = '', title = '', text = ''
    FROM stood
    WHERE s.id = stood.id AND stood.status <> 'withdrawn'
)
SELECT status FROM stood
