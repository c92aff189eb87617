-- Arguments: expected status, file of paths, "whole" to check every body. Prints figures as JSON.
-- Without "whole" there is no response hook, and wrk parses answers at its full speed.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  expected, odd, turn, requests = tonumber(arguments[1]), 0, 0, {}
  for path in io.lines(arguments[2]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
  if arguments[3] == "whole" then
    response = function(status, headers, body)
      local length = headers["content-length"] or headers["Content-Length"]
      if status ~= expected or tonumber(length) ~= #body then odd = odd + 1 end
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local odd = 0
  for _, thread in ipairs(threads) do odd = odd + thread:get("odd") end
  local e = summary.errors
  print(string.format(
    '{"requests":%d,"duration_us":%d,"bytes":%d,"status":%d,"connect":%d,"read":%d,"write":%d,'
      .. '"timeout":%d,"odd":%d,"p50_us":%d,"p99_us":%d,"max_us":%d}',
    summary.requests, summary.duration, summary.bytes, e.status, e.connect, e.read, e.write,
    e.timeout, odd, latency:percentile(50), latency:percentile(99), latency.max))
end
