"""The script that Valkey runs for one key: append, and say what was missed.

KEYS: the log (a list of rows) and what is known of it (a hash: `born`, the name of its first
append; `base`, how many rows were let go; `kept`, the snapshot of the tracks after those; and for
each process the number of its last call and when it was).

ARGV: the `born` and the version the caller knows; the caller's name; the number of its call; how
many milliseconds an untouched key is kept, 0 for ever; a snapshot's `born`, version and body (empty
without one); how many calls of the caller are uncertain, and of each its number, how many rows to
append if it was carried out and those, how many if it was not and those; then the caller's rows.

A version is the number of rows ever appended. Calls of one caller are numbered upward, so one that
arrives after a later one was answered is refused: what was settled stays settled. An uncertain
call was carried out if it is the last one seen, or an earlier one than that: then its own list of
uncertain calls was settled within it too.

Answer: 0 and nothing else when refused; else `born`, the version before the caller's rows, whether
what the caller knows is of no use, the snapshot then ("" without one), the rows the caller misses
(all there are when what it knows is of no use), and how many rows the log had.
"""

from __future__ import annotations

from hashlib import sha1

SCRIPT = """
local log, about = KEYS[1], KEYS[2]
local who, call, keep = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local found = redis.call('HMGET', about, 'born', 'base', 'p' .. who)
local born, base = found[1] or '', tonumber(found[2] or '0')
local last = found[3] and tonumber(string.match(found[3], '^%d+')) or -1
if last >= call then return {0} end
local seconds = redis.call('TIME')[1]

if born ~= '' and ARGV[6] == born then
  local version = tonumber(ARGV[7])
  if version > base and version <= base + redis.call('LLEN', log) then
    redis.call('LTRIM', log, version - base, -1)
    redis.call('HSET', about, 'base', version, 'kept', ARGV[8])
    base = version
    for _, name in ipairs(redis.call('HKEYS', about)) do
      if string.sub(name, 1, 1) == 'p' then
        local seen = tonumber(string.match(redis.call('HGET', about, name), '%d+$'))
        if seen < seconds - 3600 then redis.call('HDEL', about, name) end
      end
    end
  end
end

local at, settled = 10, {}
for _ = 1, tonumber(ARGV[9]) do
  local number = tonumber(ARGV[at])
  local done = tonumber(ARGV[at + 1])
  local undone = tonumber(ARGV[at + 2 + done])
  local first, count = at + 2, 0
  if last == number then count = done end
  if last < number then first, count = at + 3 + done, undone end
  for i = first, first + count - 1 do settled[#settled + 1] = ARGV[i] end
  at = at + 3 + done + undone
end
local writes = #settled + #ARGV - at + 1
if born == '' and writes > 0 then
  born = who .. ':' .. call
  redis.call('HSET', about, 'born', born)
end
for _, row in ipairs(settled) do redis.call('RPUSH', log, row) end

local length = redis.call('LLEN', log)
local version = base + length
local known = tonumber(ARGV[2])
local stale, kept, missed = 0, '', {}
if ARGV[1] ~= born or known < base or known > version then
  stale, kept = 1, redis.call('HGET', about, 'kept') or ''
  missed = redis.call('LRANGE', log, 0, -1)
elseif known < version then
  missed = redis.call('LRANGE', log, known - base, -1)
end
for i = at, #ARGV do redis.call('RPUSH', log, ARGV[i]) end
if writes > 0 or tonumber(ARGV[9]) > 0 then
  redis.call('HSET', about, 'p' .. who, call .. ':' .. seconds)
end
if keep > 0 and writes > 0 then
  redis.call('PEXPIRE', log, keep)
  redis.call('PEXPIRE', about, keep)
end
return {born, version, stale, kept, missed, length}
"""
NAME = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
"""What Valkey calls it."""
