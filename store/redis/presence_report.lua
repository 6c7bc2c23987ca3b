-- Replaces what one edge has said.
-- KEYS: 1 set of edges, 2 the edge's report. ARGV: 1 edge, 2 time to live in ms, then room, "connections:viewers", …
redis.call('DEL', KEYS[2])
redis.call('SADD', KEYS[1], ARGV[1])
for i = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
