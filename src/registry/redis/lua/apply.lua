-- Applies changes to one epoch of the registry: all of them or none.
--
-- KEYS  1 meta  2 head  3 accounts  4 reps  5 versions  6 log     (2 to 6 of the epoch that is written)
-- ARGV  1 epoch
--       2 mode: "live" changes the current epoch and appends to its log; "live:<chain>" the same, but only while the chain
--         is this one: nothing has changed since it was read; "fill" changes a new epoch, without a log, since the flip
--         makes every replica take a snapshot
--       then five a change, 1 to 200 changes:
--       op        "put" or "del"
--       kind      "account" or "rep"
--       id        as the CRM spells it; not empty
--       expected  "" any, "0" the record must not exist, else the version it must have
--       value     the record as JSON on one line, keys sorted, nothing empty; "" for a deletion
-- Gives {rev, chain, count, outcome, version, outcome, version, ...}: state after the call, then for each change
-- "written" and its rev, or "unchanged" and the version found ("0": there is none). A put of an identical value and a
-- deletion of what is not there are no changes: they raise nothing and are not logged.
-- A written change raises rev by one; chain = sha1hex(chain before .. "\n" .. rev .. "\n" .. op .. "\n" .. kind .. "\n"
-- .. bytes of id .. "\n" .. id .. value). Its log entry has the id <epoch>-<rev> and op, kind, id, value, prev (chain
-- before), chain, time (ms). The log keeps about max(100000, 2 x count) entries.
-- Errors, before anything is written:
--   BAD_CALL why                  arguments that do not fit this page
--   WRONG_TYPE key                a key is of another type: it belongs to another program
--   NO_REGISTRY                   live: there is no registry; import one
--   EPOCH_MOVED current           live: another epoch is current; read meta again
--   EPOCH_IS_LIVE                 fill: the epoch is current or previous
--   REGISTRY_CHANGED chain        live:<chain>: the chain is another; look at the registry again
--   NO_EPOCH epoch                the epoch has no head: it was deleted, or never begun
--   LOG_AHEAD last                somebody else wrote to the log: import anew with --replace
--   VERSION_CONFLICT at version   change number `at`, counted from 0, expected another version than the one found
--   OOM, READONLY, NOPERM ...     from Redis, at the first write, so that nothing is written either
local epoch, mode = ARGV[1], ARGV[2]
local changes = (#ARGV - 2) / 5
local expected_chain = string.match(mode, '^live:(%x+)$')
if expected_chain then
  mode = 'live'
end

if (mode ~= 'live' and mode ~= 'fill') or changes < 1 or changes > 200 or changes ~= math.floor(changes) then
  return redis.error_reply('BAD_CALL mode must be live, live:<chain> or fill, with 1 to 200 changes of 5 arguments')
end
local types = {'hash', 'hash', 'hash', 'hash', 'hash', 'stream'}
local log_exists = false
for at = 1, 6 do
  local type = redis.call('TYPE', KEYS[at]).ok
  if type ~= 'none' and type ~= types[at] then
    return redis.error_reply('WRONG_TYPE ' .. KEYS[at])
  end
  log_exists = at == 6 and type == 'stream'
end
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'previous')
if mode == 'live' then
  if not meta[1] then
    return redis.error_reply('NO_REGISTRY import one')
  end
  if meta[1] ~= epoch then
    return redis.error_reply('EPOCH_MOVED ' .. meta[1])
  end
elseif meta[1] == epoch or meta[2] == epoch then
  return redis.error_reply('EPOCH_IS_LIVE ' .. epoch)
end
local head = redis.call('HMGET', KEYS[2], 'rev', 'chain', 'count')
local rev, chain, count = tonumber(head[1]), head[2], tonumber(head[3])
if not rev or not chain or not count then
  return redis.error_reply('NO_EPOCH ' .. epoch)
end
if expected_chain and expected_chain ~= chain then
  return redis.error_reply('REGISTRY_CHANGED ' .. chain)
end
if mode == 'live' and log_exists then
  local info = redis.call('XINFO', 'STREAM', KEYS[6])
  for at = 1, #info, 2 do
    if info[at] == 'last-generated-id' then
      local last_epoch, last_rev = string.match(info[at + 1], '^(%d+)-(%d+)$')
      local distance = tonumber(last_epoch) - tonumber(epoch)
      if distance > 0 or (distance == 0 and tonumber(last_rev) > rev) then
        return redis.error_reply('LOG_AHEAD ' .. info[at + 1])
      end
    end
  end
end

-- What is there now; a later change of the same record in this call sees the earlier one.
local found, versions = {}, {}
local now = redis.call('TIME')
local ms = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000))
local answer, writes = {}, {}
for at = 0, changes - 1 do
  local op, kind, id, expected, value = unpack(ARGV, 3 + at * 5, 7 + at * 5)
  if (op ~= 'put' and op ~= 'del') or (kind ~= 'account' and kind ~= 'rep') or id == '' or
      (op == 'put') == (value == '') then
    return redis.error_reply('BAD_CALL change ' .. at .. ': op, kind, id or value is not as it must be')
  end
  local key = kind == 'account' and KEYS[3] or KEYS[4]
  local field = kind .. ':' .. id
  if found[field] == nil then
    found[field] = redis.call('HGET', key, id)
    versions[field] = redis.call('HGET', KEYS[5], field) or '0'
  end
  if expected ~= '' and expected ~= versions[field] then
    return redis.error_reply('VERSION_CONFLICT ' .. at .. ' ' .. versions[field])
  end
  local before = found[field]
  if (op == 'put' and before == value) or (op == 'del' and not before) then
    answer[#answer + 1] = 'unchanged'
    answer[#answer + 1] = versions[field]
  else
    rev = rev + 1
    local rev_text = string.format('%.0f', rev)
    local next_chain =
      redis.sha1hex(chain .. '\n' .. rev_text .. '\n' .. op .. '\n' .. kind .. '\n' .. #id .. '\n' .. id .. value)
    writes[#writes + 1] = {op, kind, id, value, chain, next_chain, rev_text, key, field}
    chain = next_chain
    if op == 'put' then
      if not before then count = count + 1 end
      found[field], versions[field] = value, rev_text
    else
      count = count - 1
      found[field], versions[field] = false, '0'
    end
    answer[#answer + 1] = 'written'
    answer[#answer + 1] = rev_text
  end
end

-- From here on everything is written. HSET comes first: it is refused where memory is short, and later writes are not.
local rev_text, count_text = string.format('%.0f', rev), string.format('%.0f', count)
if #writes > 0 then
  redis.call('HSET', KEYS[2], 'rev', rev_text, 'chain', chain, 'count', count_text, 'changed_at', ms)
  local length_max = string.format('%.0f', math.max(100000, 2 * count))
  for _, write in ipairs(writes) do
    local op, kind, id, value, prev, next_chain, write_rev, key, field = unpack(write)
    if op == 'put' then
      redis.call('HSET', key, id, value)
      redis.call('HSET', KEYS[5], field, write_rev)
    else
      redis.call('HDEL', key, id)
      redis.call('HDEL', KEYS[5], field)
    end
    if mode == 'live' then
      redis.call('XADD', KEYS[6], 'MAXLEN', '~', length_max, epoch .. '-' .. write_rev, 'op', op, 'kind', kind,
        'id', id, 'value', value, 'prev', prev, 'chain', next_chain, 'time', ms)
    end
  end
end
return {rev_text, chain, count_text, unpack(answer)}
