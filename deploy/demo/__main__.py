"""Start the stack, show its progress, stop all of it on Ctrl-C."""

import os
import signal
import subprocess
import sys
import threading

from deploy.demo import progress
from deploy.demo.stack import DemoError, prepared, stop


def main() -> int:
    if sys.argv[1:]:
        print(
            __doc__,
            "\nSettings: DEMO_PORT (8443), DEMO_STATE (.state/demo), DEMO_UPSTREAM_PORT (any).",
            file=sys.stderr,
        )
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    enough = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: enough.set())
    try:
        with prepared(os.environ) as stack:
            print(f"starting; state and logs are in {os.path.relpath(stack.state)}")
            supervisor = stack.start()
            try:
                fine = progress.watch(stack.url, stack.state, lambda: _tick(enough, supervisor))
                if enough.is_set():
                    print("stopping")
                elif not fine or supervisor.poll() is not None:
                    print(f"the demo did not come up\n{stack.log_tails()}", file=sys.stderr)
                    return 1
            finally:
                stop(supervisor)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _tick(enough: threading.Event, supervisor: subprocess.Popen[bytes]) -> bool:
    """Wait a moment; whether to go on."""
    return not enough.wait(progress.TICK_S) and supervisor.poll() is None


if __name__ == "__main__":
    sys.exit(main())
