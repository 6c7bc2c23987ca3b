-- Rooms and who owns them, the rooms' events, the people who spoke, the personas.

CREATE TABLE personas (
    id text PRIMARY KEY,
    name text NOT NULL,
    card jsonb NOT NULL
);

CREATE TABLE rooms (
    id text PRIMARY KEY,
    title text NOT NULL,
    log_epoch text NOT NULL,
    -- Ownership. epoch is the fence: raised by every claim, never lowered, not even by a release.
    owner text,
    owner_addr text,
    epoch bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    is_over boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT rooms_owner_whole CHECK (
        (owner IS NULL) = (lease_until IS NULL) AND (owner IS NULL) = (owner_addr IS NULL)
    )
)
-- Leases are renewed in place all day: room on the page keeps those updates out of the index.
WITH (fillfactor = 50);

CREATE TABLE room_personas (
    room text NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    persona text NOT NULL REFERENCES personas (id),
    place smallint NOT NULL,
    PRIMARY KEY (room, place),
    UNIQUE (room, persona)
);

CREATE TABLE viewers (
    id text PRIMARY KEY,
    nick text NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now()
);

-- No foreign keys on purpose: an append joins the row of its room under a lock, and writes the authors in the
-- same statement, so both stand; checking it again would cost two look-ups for every line of chat.
CREATE TABLE events (
    room text NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    epoch bigint NOT NULL,
    at timestamptz NOT NULL,
    author text,
    client_id text,
    body jsonb NOT NULL,
    PRIMARY KEY (room, seq),
    CONSTRAINT events_said_by_somebody CHECK (client_id IS NULL OR author IS NOT NULL)
);

CREATE UNIQUE INDEX events_said_once ON events (room, author, client_id) WHERE client_id IS NOT NULL;
