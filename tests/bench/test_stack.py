"""Each run begins from what was prepared once."""

from pathlib import Path

from bench.load.stack import renew


def test_a_run_begins_as_the_first_one_did(tmp_path: Path) -> None:
    """Whatever the last one left; pictures, of which there are many, are not copied."""
    prepared, state = tmp_path / "media" / "prepared", tmp_path / "state"
    for name in ("sync.db", "media/ab/400.avif", "tree/shown/a.json"):
        (prepared / name).parent.mkdir(parents=True, exist_ok=True)
        (prepared / name).write_bytes(name.encode())
    (prepared / "tree" / "live").symlink_to("shown")

    for _ in range(2):
        renew(state, prepared)
        assert (state / "tree" / "live" / "a.json").read_bytes() == b"tree/shown/a.json"
        assert (state / "media/ab/400.avif").samefile(prepared / "media/ab/400.avif")
        (state / "sync.db").write_bytes(b"of a run")
        (state / "left").touch()

    assert (prepared / "sync.db").read_bytes() == b"sync.db"
    assert not (prepared / "left").exists()
