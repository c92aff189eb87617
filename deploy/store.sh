#!/bin/sh
# Installs the system's Valkey, or else its Redis, without the service that it would start.
set -eu
policy=/usr/sbin/policy-rc.d # asked before a package starts its service
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
fi
apt-get update -qq
name=redis-server
if apt-cache show valkey-server >/dev/null 2>&1; then name=valkey-server; fi
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ca-certificates $name
systemctl disable --quiet $name.service # ours has a socket and a directory of its own
