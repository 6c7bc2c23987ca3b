-- The show: when it begins, its checkpoint, the stories and votes of its viewers, what personas remember of them.

ALTER TABLE rooms ADD COLUMN starts_at timestamptz;

-- The newest of each room. epoch: of the append that brought it.
CREATE TABLE checkpoints (
    room text PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    seq bigint NOT NULL CHECK (seq > 0),
    epoch bigint NOT NULL,
    body jsonb NOT NULL
);

CREATE TABLE stories (
    id text PRIMARY KEY,
    -- The order of telling; a story that is given back keeps it.
    number bigint GENERATED ALWAYS AS IDENTITY,
    room text NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    viewer text NOT NULL,
    client_id text NOT NULL,
    nick text NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    stage text NOT NULL,
    anonymous boolean NOT NULL,
    may_clip boolean NOT NULL,
    age_band text NOT NULL,
    status text NOT NULL DEFAULT 'waiting'
        CHECK (status IN ('waiting', 'claimed', 'opened', 'withdrawn', 'declined')),
    told_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The epoch of the room's owner that holds the story, and since when.
    claimed_under bigint,
    claimed_at timestamptz,
    CONSTRAINT stories_told_once UNIQUE (room, viewer, client_id),
    CONSTRAINT stories_claim_whole CHECK (
        (status = 'claimed') = (claimed_under IS NOT NULL) AND (status = 'claimed') = (claimed_at IS NOT NULL)
    )
);

CREATE UNIQUE INDEX stories_one_waits ON stories (room, viewer) WHERE status IN ('waiting', 'claimed');
CREATE INDEX stories_queue ON stories (room, number) WHERE status IN ('waiting', 'claimed');

-- No foreign key on purpose: as for events, a cast holds the row of its room, and there are many votes.
CREATE TABLE votes (
    room text NOT NULL,
    poll text NOT NULL,
    viewer text NOT NULL,
    choice smallint NOT NULL CHECK (choice >= 0),
    PRIMARY KEY (room, poll, viewer)
);

-- Whoever is not here is not remembered, and whoever leaves takes all memories along.
CREATE TABLE memory_consents (
    viewer text PRIMARY KEY,
    given_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memories (
    id text PRIMARY KEY,
    viewer text NOT NULL REFERENCES memory_consents (viewer) ON DELETE CASCADE,
    persona text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('fact', 'counsel')),
    text text NOT NULL,
    at timestamptz NOT NULL,
    expires timestamptz NOT NULL
);

CREATE INDEX memories_of_viewer ON memories (viewer, persona, at, id);
CREATE INDEX memories_by_end ON memories (expires);
