-- What wrk asks for: requests on random keys, made before the load begins so that making them costs nothing during it.
-- Arguments: kind, number of keys. Ends with one line of JSON.
local value = string.rep("v", 64)

local kinds = {
  ["facet-get"] = function(key) return wrk.format("GET", "/kv/get/key-" .. key()) end,
  ["facet-set"] = function(key)
    local body = '{"key":"key-' .. key() .. '","value":"' .. value .. '"}'
    return wrk.format("POST", "/kv/set", { ["Content-Type"] = "application/json" }, body)
  end,
  ["webdis-get"] = function(key) return wrk.format("GET", "/GET/key-" .. key()) end,
  ["webdis-set"] = function(key) return wrk.format("GET", "/SET/key-" .. key() .. "/" .. value) end,
  ["facet-batch"] = function(key)
    local commands = {}
    for n = 1, 100 do
      commands[n] = '{"command":"kv.set","payload":{"key":"key-' .. key() .. '","value":"' .. value .. '"}}'
    end
    local body = '{"type":"batch","request_id":"r","commands":[' .. table.concat(commands, ",") .. "]}"
    return wrk.format("POST", "/api/v1/command", { ["Content-Type"] = "application/json" }, body)
  end,
}

local made = {}
local at = 0

function init(args)
  math.randomseed(7)
  local keys = tonumber(args[2])
  local make = kinds[args[1]]
  local key = function() return math.random(0, keys - 1) end
  for n = 1, args[1] == "facet-batch" and 500 or 20000 do made[n] = make(key) end
end

function request()
  at = at % #made + 1
  return made[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nBENCH {"requests":%d,"seconds":%f,"failed":%d,"p50Ms":%f,"p99Ms":%f}\n',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
