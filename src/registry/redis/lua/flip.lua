-- Makes another epoch the current one, in one step: after a full import, or back to the previous one.
--
-- KEYS  1 meta  2 unused  3 head of the current epoch (where there is no registry: the new head again)
--       4 head  5 accounts  6 reps  of the epoch that becomes current
-- ARGV  1 generation, 2 epoch, 3 rev   of the registry when the work began; "0" each where there was none
--       4 epoch, 5 chain, 6 count      of the epoch that becomes current, as its filler left them
-- Gives {generation}. The epoch that was current becomes `previous`; the one that was previous is listed in `unused`,
-- for its keys to be deleted.
-- Errors, before anything is written:
--   REGISTRY_CHANGED generation epoch rev   the registry moved meanwhile: look at it and begin again
--   NO_EPOCH epoch                          the new epoch has no head
--   EPOCH_DIFFERS what                      the new epoch is not as its filler left it
--   WRONG_TYPE key                          a key is of another type
local expected_generation, expected_epoch, expected_rev = ARGV[1], ARGV[2], ARGV[3]
local epoch, chain, count = ARGV[4], ARGV[5], ARGV[6]

for at = 1, 6 do
  local type = redis.call('TYPE', KEYS[at]).ok
  if type ~= 'none' and type ~= 'hash' then
    return redis.error_reply('WRONG_TYPE ' .. KEYS[at])
  end
end
local meta = redis.call('HMGET', KEYS[1], 'generation', 'epoch', 'previous')
local generation, current, previous = meta[1] or '0', meta[2] or '0', meta[3]
local rev = current ~= '0' and redis.call('HGET', KEYS[3], 'rev') or '0'
if generation ~= expected_generation or current ~= expected_epoch or rev ~= expected_rev then
  return redis.error_reply('REGISTRY_CHANGED ' .. generation .. ' ' .. current .. ' ' .. rev)
end
local head = redis.call('HMGET', KEYS[4], 'chain', 'count')
if not head[1] then
  return redis.error_reply('NO_EPOCH ' .. epoch)
end
if epoch == current then
  return redis.error_reply('EPOCH_DIFFERS it is current already')
end
if head[1] ~= chain then
  return redis.error_reply('EPOCH_DIFFERS chain')
end
if head[2] ~= count or redis.call('HLEN', KEYS[5]) + redis.call('HLEN', KEYS[6]) ~= tonumber(count) then
  return redis.error_reply('EPOCH_DIFFERS count')
end

local next_generation = string.format('%.0f', tonumber(generation) + 1)
if current == '0' then
  redis.call('HSET', KEYS[1], 'generation', next_generation, 'epoch', epoch, 'schema', '1')
  redis.call('HDEL', KEYS[1], 'previous')
else
  redis.call('HSET', KEYS[1], 'generation', next_generation, 'epoch', epoch, 'schema', '1', 'previous', current)
end
redis.call('HDEL', KEYS[2], epoch)
if previous and previous ~= epoch then
  redis.call('HSET', KEYS[2], previous, generation)
end
return {next_generation}
