"""Samples of two profilers, summed up alike."""

import pytest

from bench.edgebench.processes import BenchError
from bench.edgebench.results import machine
from bench.profile import golang, linux
from bench.profile.__main__ import CALLS, Profile, Result, rendered, summed

PPROF = """File: caddy
Type: cpu
Duration: 10s, Total samples = 13.22s (132.17%)
Showing nodes accounting for 13.22s, 100% of 13.22s total
      flat  flat%   sum%        cum   cum%
     4.29s 32.45% 32.45%      4.29s 32.45%  internal/runtime/syscall/linux.Syscall6
     0.01s 0.076% 32.53%      1.06s  8.02%  github.com/caddyserver/caddy/v2.(*Replacer).replace (partial-inline)
         0     0% 32.53%      2.67s 20.20%  crypto/tls.(*Conn).Write
"""
PERF = """# Total Lost Samples: 0
# Overhead  Shared Object
    35.10%  [kernel.kallsyms]
    32.50%  robyn.cpython-311-x86_64-linux-gnu.so
    31.30%  libpython3.11.so.1.0
     0.99%  libc.so.6
     0.10%  [vdso]
"""


def test_samples_are_summed_by_function_wherever_it_was_called() -> None:
    lines = ["a (x.py:1);b (x.py:2) 3", "a (x.py:9);b (x.py:7) 1", "b (x.py:2);a (x.py:1) 4"]

    found = summed("some", lines)

    assert found.samples == 8
    assert found.itself == {"b (x.py)": 0.5, "a (x.py)": 0.5}
    assert found.below == {"a (x.py)": 1.0, "b (x.py)": 1.0}


def test_neither_what_waits_nor_what_has_no_python_counts_and_imports_are_one() -> None:
    imported = "<module> (sync/a.py:1);_find_and_load (<frozen importlib._bootstrap>:1176)"
    lines = [f"{imported};<module> (b.py:2) 2", f"{imported};compile (re.py:1) 1", " 90"]
    lines += ["run (threading.py:1);_worker (concurrent/futures/thread.py:81) 90", "a (x.py:1) 1"]

    assert summed("some", lines).itself == {"modules are imported": 0.75, "a (x.py)": 0.25}


def test_perfs_table_gives_shares_by_library_of_what_is_worth_a_line() -> None:
    assert linux.summed(PERF) == {"Linux": 0.352, "robyn": 0.325, "libpython3.11": 0.313}
    with pytest.raises(BenchError, match="saw nothing"):
        linux.summed("# Total Lost Samples: 0\n")


def test_no_samples_are_no_profile() -> None:
    with pytest.raises(BenchError, match="no samples"):
        summed("some", [])
    with pytest.raises(BenchError, match="no samples"):
        golang.summed("File: caddy\n")


def test_gos_table_gives_shares_by_function_without_versions() -> None:
    found = golang.summed(PPROF)

    assert found.samples == 1322
    assert found.itself["internal/runtime/syscall/linux.Syscall6"] == 0.3245
    assert found.below["caddyserver/caddy.(*Replacer).replace"] == 0.0802
    assert found.below[CALLS["encrypts and sends"]] == 0.202
    assert len(found.itself) == 3


def test_a_short_run_of_less_than_a_second_counts_its_samples_too() -> None:
    assert golang.summed(PPROF.replace("13.22s (", "130ms (")).samples == 13


def test_what_an_older_result_told_apart_and_no_answer_does_any_more_is_left_out() -> None:
    calls = {"reads `CURRENT`": 0.05, "matches": 0.04, "allocates": None}
    profile = Profile(subject="Caddy", samples=9, itself={}, below={}, calls=calls)
    result = Result(made_at="", smoke=False, commit="", machine=machine(), profiles=[profile])

    text = rendered(result)

    assert "| matches | 4.0% |" in text
    assert "| allocates | – |" in text
    assert "CURRENT" not in text
