"""Messages with durations, the one error type that reaches the user, and waiting on facts."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from . import kernel

T = TypeVar("T")

_STARTED = time.monotonic()


class LabError(Exception):
    """What went wrong and what to do about it, in one message; ends the command with exit code 1."""


def say(text: str) -> None:
    """One line on stderr (stdout is for results), with the seconds since this command began."""
    print(f"[{time.monotonic() - _STARTED:6.2f} s] {text}", file=sys.stderr, flush=True)


def run(argv: Sequence[str], *, stdin: str | bytes = "", **options) -> str:
    """Runs a program to its end and returns its stdout; the error carries the whole argv and output.

    The program dies with the calling thread, so that a killed command leaves none behind.
    """
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(argv, input=given, capture_output=True, preexec_fn=kernel.die_with_parent, **options)
    if done.returncode != 0:
        output = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise LabError(f"`{' '.join(argv)}` ended with {done.returncode}:\n{output}")
    return done.stdout.decode(errors="replace")


def await_fact(what: str, seconds: float, fact: Callable[[], T | None], *, interval: float = 0.05, detail: Callable[[], str] = str) -> T:
    """Calls `fact` until it returns something true, and returns that; LabError with `detail()` after `seconds`."""
    limit = time.monotonic() + seconds
    while True:
        found = fact()
        if found:
            return found
        if time.monotonic() > limit:
            raise LabError(f"waited {seconds:g} s in vain: {what}. {detail()}".rstrip())
        time.sleep(interval)


def at_once(calls: Iterable[Callable[[], object]]) -> None:
    """Makes all calls beside each other, each in a thread of its own; the first error is raised when all have ended."""
    errors: list[BaseException] = []

    def guarded(call: Callable[[], object]) -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001  (raised again below, in the caller's thread)
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
