"""The launch checklist: is all as it should be before visitors come?

    target    what is to be looked at: the site, its edges and directories, from their settings
    outside   as a visitor sees it: DNS, ports, certificate, headers, CORS, cache
    inside    on this machine: edges, age of the data, disk, clock, backups

`rentman-edge sync diagnose` looks at the rest: token, list, store, database.
"""
