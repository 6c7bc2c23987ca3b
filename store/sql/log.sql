-- append --
-- Appends the entries of many rooms; a room whose epoch has moved on stores nothing. Returns the rooms stored.
-- $1 rooms, $2 their epochs | $3 room, $4 seq, $5 at (ms), $6 author, $7 client id, $8 body of each entry
-- | $9 room, $10 id, $11 nick of each author | $12 room, $13 seq, $14 body of each checkpoint
WITH live AS MATERIALIZED (
    -- The share lock makes a claim wait for us. When a claim was first, we wait here, read the row again, and
    -- find its epoch changed. In order of ids, as in renew and release: no deadlock.
    SELECT r.id, r.epoch
    FROM rooms r
    JOIN unnest($1::text[], $2::bigint[]) AS b (room, epoch) ON b.room = r.id AND b.epoch = r.epoch
    ORDER BY r.id
    FOR SHARE OF r
),
people AS (
    INSERT INTO viewers AS v (id, nick)
    SELECT DISTINCT ON (a.viewer) a.viewer, a.nick
    FROM unnest($9::text[], $10::text[], $11::text[]) WITH ORDINALITY AS a (room, viewer, nick, place)
    -- An aggregate, so that every room is locked before the first viewer is.
    WHERE a.room = ANY ((SELECT array_agg(id) FROM live)::text[])
    ORDER BY a.viewer, a.place DESC
    ON CONFLICT (id) DO UPDATE SET nick = excluded.nick, last_seen = excluded.last_seen
    -- Not for every line: once a minute is near enough.
    WHERE v.nick <> excluded.nick OR v.last_seen < excluded.last_seen - interval '1 minute'
),
written AS (
    INSERT INTO events AS stood (room, seq, epoch, at, author, client_id, body)
    SELECT e.room, e.seq, live.epoch, 'epoch'::timestamptz + e.at_ms * interval '1 ms', e.author, e.client_id, e.body::jsonb
    FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[])
        AS e (room, seq, at_ms, author, client_id, body)
    JOIN live ON live.id = e.room
    -- 1. The same entry again under the same epoch: a retry, it stands. 2. Under another epoch: the caller has
    -- numbered wrongly, and the null, which the column refuses, fails the whole statement.
    ON CONFLICT (room, seq) DO UPDATE SET epoch = CASE WHEN stood.epoch = excluded.epoch THEN stood.epoch END
),
kept AS (
    INSERT INTO checkpoints AS stood (room, seq, epoch, body)
    SELECT live.id, c.seq, live.epoch, c.body::jsonb
    FROM unnest($12::text[], $13::bigint[], $14::text[]) AS c (room, seq, body)
    JOIN live ON live.id = c.room
    ON CONFLICT (room) DO UPDATE SET seq = excluded.seq, epoch = excluded.epoch, body = excluded.body
    WHERE stood.seq < excluded.seq
)
SELECT id FROM live

-- read --
-- Entries of a room after a place, ascending.
SELECT seq, (extract(epoch FROM at) * 1000)::bigint AS at_ms, body, author, client_id
FROM events
WHERE room = $1 AND seq > $2
ORDER BY seq
LIMIT $3

-- read_back --
-- The last entries of a room before a place, ascending.
SELECT seq, (extract(epoch FROM at) * 1000)::bigint AS at_ms, body, author, client_id
FROM (
    SELECT * FROM events WHERE room = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
) AS last
ORDER BY seq

-- checkpoint --
-- The newest checkpoint of a room.
SELECT seq, body FROM checkpoints WHERE room = $1

-- find_said --
-- Which of these messages stand in the log, and where. $1 rooms, $2 authors, $3 client ids
SELECT e.room, e.author, e.client_id, e.seq
FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (room, author, client_id)
JOIN events e ON e.room = asked.room AND e.author = asked.author AND e.client_id = asked.client_id
WHERE e.client_id IS NOT NULL
