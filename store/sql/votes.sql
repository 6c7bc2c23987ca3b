-- cast --
-- Stores votes of the poll $3 unless the room has a newer epoch; returns the room. $4 viewers, $5 their choices
WITH live AS MATERIALIZED (
    -- As in append: a claim of the room waits for us, or we see that it was first.
    SELECT id FROM rooms WHERE id = $1 AND epoch = $2 FOR SHARE
),
written AS (
    INSERT INTO votes AS stood (room, poll, viewer, choice)
    SELECT live.id, $3, v.viewer, v.choice
    FROM live, unnest($4::text[], $5::smallint[]) AS v (viewer, choice)
    ORDER BY v.viewer
    ON CONFLICT (room, poll, viewer) DO UPDATE SET choice = excluded.choice
    WHERE stood.choice <> excluded.choice
)
SELECT id FROM live

-- tally --
-- How many votes each choice of a poll has; choices without votes are left out.
SELECT choice, count(*) AS votes FROM votes WHERE room = $1 AND poll = $2 GROUP BY choice
