-- find_viewer --
-- Somebody who has spoken.
SELECT id, nick FROM viewers WHERE id = $1

-- put_personas --
-- Inserts or replaces personas. $1 ids, $2 names, $3 cards
INSERT INTO personas AS p (id, name, card)
SELECT n.id, n.name, n.card::jsonb
FROM unnest($1::text[], $2::text[], $3::text[]) AS n (id, name, card)
ORDER BY n.id
ON CONFLICT (id) DO UPDATE SET name = excluded.name, card = excluded.card
WHERE (p.name, p.card) IS DISTINCT FROM (excluded.name, excluded.card)

-- list_personas --
-- Every persona, by id.
SELECT id, name FROM personas ORDER BY id
