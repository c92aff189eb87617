"""Backups of one installation, and restoring them; every byte is checked by its digest.

    <vault>/media/<key>/…, <key>.sums      pictures and documents, each copied once
    <vault>/objects/<digest>               entries of the snapshot, each copied once
    <vault>/<time>/backup.json             what this backup is made of
    <vault>/<time>/state.db|state.dump     the state database: SQLite's file, PostgreSQL's dump
    <vault>/<time>/manifests/<digest>      the generations that were retained

Pools hold what never changes under its name, so an hourly backup costs what an hour has changed.
"""
