// Caddy with the cache of query answers: what `xcaddy build` would generate, kept so that go.sum pins every module.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/cache-handler"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	_ "github.com/darkweak/storages/otter/caddy"
)

func main() {
	caddycmd.Main()
}
