-- Arguments: a file of paths, and one to make when all are answered: wrk itself only ends by time or
-- signal. Asks for each once, in order, and counts what `Cache-Status` said, as JSON.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  turn, requests, finished = -1, {}, arguments[2] -- the first is made to be looked at, and not sent
  tree, edge, worked, other, bad, answered = 0, 0, 0, 0, 0, 0
  filler = wrk.format("GET", "/livez") -- is neither counted nor logged
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  turn = turn + 1
  return requests[turn] or filler
end

function response(status, headers, body)
  if answered >= #requests or body == '{"status":"ok"}' then return end -- the filler
  answered = answered + 1
  local said = headers["Cache-Status"] or ""
  if status ~= 200 then bad = bad + 1
  elseif said == "tree; hit" then tree = tree + 1
  elseif said == "edge; hit" then edge = edge + 1
  elseif said:find("fwd=", 1, true) then worked = worked + 1
  else other = other + 1 end
  if answered == #requests then io.open(finished, "w"):close() end
end

function done(summary, latency)
  local t = threads[1]
  local e = summary.errors
  print(string.format(
    '{"answered":%d,"tree":%d,"edge":%d,"worked":%d,"other":%d,"bad":%d,"broken":%d,"p99_ms":%.2f,"seconds":%.2f}',
    t:get("answered"), t:get("tree"), t:get("edge"), t:get("worked"), t:get("other"), t:get("bad"),
    e.connect + e.read + e.write + e.timeout, latency:percentile(99) / 1000, summary.duration / 1e6))
end
