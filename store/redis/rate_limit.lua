-- Token bucket: takes one token if there is one. Time is the server's.
-- KEYS: 1 bucket. ARGV: 1 most tokens it holds, 2 tokens a second.
-- Returns 1 when a token was taken, else 0.
local burst, per_s = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at_ms')
local tokens, at_ms = tonumber(bucket[1]) or burst, tonumber(bucket[2]) or now_ms
-- The server's clock may go back.
local passed_ms = math.max(0, now_ms - at_ms)
tokens = math.min(burst, tokens + passed_ms * per_s / 1000)
local taken = 0
if tokens >= 1 then
  tokens = tokens - 1
  taken = 1
end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at_ms', now_ms)
-- A full bucket is the same as none.
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) * 1000 / per_s) + 1000)
return taken
