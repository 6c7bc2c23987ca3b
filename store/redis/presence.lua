-- Sums of connections and viewers over the edges whose report has not expired.
-- KEYS: 1 set of edges. ARGV: 1 what stands before an edge's name in the key of its report.
-- Returns room, connections, viewers, room, …
local sums, order = {}, {}
for _, edge in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local report = redis.call('HGETALL', ARGV[1] .. edge)
  if #report == 0 then
    -- Expired, or nobody there: the edge's next report names it again.
    redis.call('SREM', KEYS[1], edge)
  end
  for i = 1, #report, 2 do
    local room = report[i]
    local connections, viewers = report[i + 1]:match('^(%d+):(%d+)$')
    if not sums[room] then
      sums[room] = {0, 0}
      order[#order + 1] = room
    end
    sums[room][1] = sums[room][1] + tonumber(connections)
    sums[room][2] = sums[room][2] + tonumber(viewers)
  end
end
local result = {}
for _, room in ipairs(order) do
  result[#result + 1] = room
  result[#result + 1] = sums[room][1]
  result[#result + 1] = sums[room][2]
end
return result
