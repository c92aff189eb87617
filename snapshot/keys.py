"""The names in the store, and the scripts that change them in one step.

All keys share the hash tag `{edge}`, so that a Redis Cluster keeps them in one slot.
"""

POINTER = "{edge}:pointer"  # hash: generation, manifest
ENTRIES = "{edge}:entries"  # hash: digest -> encoded entry or artefact
MANIFESTS = "{edge}:manifests"  # hash: digest -> encoded manifest
HISTORY = "{edge}:history"  # sorted set: manifest digest by generation
LEASE = "{edge}:lease"  # string "owner/token" that expires
FENCE = "{edge}:fence"  # counter: the last token handed out
PIN = "{edge}:pin"  # string: why an operator holds the pointer
SOURCE = "{edge}:source"  # string: JSON of the last cycle's outcome
PROBE = "{edge}:probe"  # string: written by a check-up, for a moment
FLIPS = "{edge}:flips"  # channel: the new generation, as text

# Even in a full store, for the writer has to make room there.
ACQUIRE = """#!lua flags=allow-oom
local held = redis.call('GET', KEYS[1])
if held and string.match(held, '^(.*)/%d+$') ~= ARGV[1] then return false end
local value = ARGV[1] .. '/' .. redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], value, 'PX', ARGV[2])
return value
"""

RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""

TELL = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
"""

MISSING = """
local missing = {}
for _, name in ipairs(ARGV) do
  if redis.call('HEXISTS', KEYS[1], name) == 0 then missing[#missing + 1] = name end
end
return missing
"""

# KEYS: pointer lease entries manifests history pin
# ARGV: lease value, expected generation, generation, manifest digest, manifest bytes, channel,
#       a pin to set whatever is pinned now or '' to heed one, then every digest the manifest names
FLIP = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'lease' end
if ARGV[7] == '' and redis.call('EXISTS', KEYS[6]) == 1 then return 'pinned' end
local current = redis.call('HGET', KEYS[1], 'generation') or ''
local shown = redis.call('HGET', KEYS[1], 'manifest') or ''
if not string.match(current, '^[1-9]%d*$') or #current > 15 or not string.match(shown, '^%x+$') then
  current = '0' -- no reader can make anything of it: there is nothing to lose
end
if current ~= ARGV[2] then return 'conflict' end
if tonumber(ARGV[3]) <= tonumber(ARGV[2]) then return 'conflict' end -- no edge would follow
for i = 8, #ARGV do
  if redis.call('HEXISTS', KEYS[3], ARGV[i]) == 0 then return 'incomplete' end
end
redis.call('HSET', KEYS[4], ARGV[4], ARGV[5])
redis.call('ZADD', KEYS[5], ARGV[3], ARGV[4])
redis.call('HSET', KEYS[1], 'generation', ARGV[3], 'manifest', ARGV[4])
if ARGV[7] ~= '' then redis.call('SET', KEYS[6], ARGV[7]) end
redis.call('PUBLISH', ARGV[6], ARGV[3])
return 'ok'
"""

# Forget every generation whose manifest is not among ARGV[2..], and every entry that is not: both are
# named by digest. Only the writer may; what the pointer names stays in the history.
# KEYS: lease entries manifests history pointer
COLLECT = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local kept = {[redis.call('HGET', KEYS[5], 'manifest') or ''] = true}
for i = 2, #ARGV do kept[ARGV[i]] = true end
for _, name in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  if not kept[name] then
    redis.call('HDEL', KEYS[3], name)
    redis.call('ZREM', KEYS[4], name)
  end
end
local removed = 0
for _, name in ipairs(redis.call('HKEYS', KEYS[2])) do
  if not kept[name] then
    redis.call('HDEL', KEYS[2], name)
    removed = removed + 1
  end
end
return removed
"""
