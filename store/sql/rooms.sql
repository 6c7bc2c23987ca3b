-- create --
-- Makes a room with an empty log; returns no row when it exists. $4 persona ids in order, $5 when it begins (ms)
WITH made AS (
    INSERT INTO rooms (id, title, log_epoch, starts_at)
    VALUES ($1, $2, $3, 'epoch'::timestamptz + $5::bigint * interval '1 ms')
    ON CONFLICT (id) DO NOTHING
    RETURNING id
),
cast_of_room AS (
    INSERT INTO room_personas (room, persona, place)
    SELECT made.id, p.persona, p.place
    FROM made, unnest($4::text[]) WITH ORDINALITY AS p (persona, place)
)
SELECT id FROM made

-- list --
-- Every room, or those named in $1, in order of creation.
SELECT
    r.id,
    r.title,
    ARRAY(SELECT p.persona FROM room_personas p WHERE p.room = r.id ORDER BY p.place) AS personas,
    r.log_epoch,
    coalesce((SELECT e.seq FROM events e WHERE e.room = r.id ORDER BY e.seq DESC LIMIT 1), 0) AS last_seq,
    r.is_over,
    (extract(epoch FROM r.starts_at) * 1000)::bigint AS starts_at_ms
FROM rooms r
WHERE $1::text[] IS NULL OR r.id = ANY ($1::text[])
ORDER BY r.created_at, r.id

-- owners --
-- Who holds what, and for how many seconds yet.
SELECT id, owner, owner_addr, epoch, extract(epoch FROM lease_until - clock_timestamp())::float8 AS lease_left_s
FROM rooms
WHERE owner IS NOT NULL
ORDER BY id

-- claim --
-- Takes a room that is free, whose lease has passed, or whose epoch is still $5. Waits for appends in flight.
-- clock_timestamp() and not now(): after the wait the time is another.
UPDATE rooms
SET owner = $2, owner_addr = $3, epoch = epoch + 1, lease_until = clock_timestamp() + $4 * interval '1 second'
WHERE id = $1 AND (owner IS NULL OR lease_until <= clock_timestamp() OR epoch = $5)
RETURNING epoch

-- holder --
-- Who holds a room, if anybody does.
SELECT owner, owner_addr, epoch FROM rooms WHERE id = $1

-- renew --
-- Prolongs the leases that are still $1's. $2 rooms, $3 epochs, $4 seconds
WITH ours AS MATERIALIZED (
    SELECT r.id
    FROM rooms r
    JOIN unnest($2::text[], $3::bigint[]) AS held (room, epoch) ON held.room = r.id AND held.epoch = r.epoch
    WHERE r.owner = $1
    ORDER BY r.id
    FOR NO KEY UPDATE OF r
)
UPDATE rooms r
SET lease_until = clock_timestamp() + $4 * interval '1 second'
FROM ours
WHERE r.id = ours.id
RETURNING r.id

-- release --
-- Gives rooms up, each only if it is still $1's under its epoch; the epoch stays. $2 rooms, $3 epochs
WITH ours AS MATERIALIZED (
    SELECT r.id
    FROM rooms r
    JOIN unnest($2::text[], $3::bigint[]) AS held (room, epoch) ON held.room = r.id AND held.epoch = r.epoch
    WHERE r.owner = $1
    ORDER BY r.id
    FOR NO KEY UPDATE OF r
)
UPDATE rooms r
SET owner = NULL, owner_addr = NULL, lease_until = NULL
FROM ours
WHERE r.id = ours.id

-- mark_over --
-- Notes that the show is over, unless the room has a newer epoch.
UPDATE rooms SET is_over = true WHERE id = $1 AND epoch = $2
