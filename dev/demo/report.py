"""What the demo prints, and how it fails."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any


class DidNotHold(Exception):
    """A step of the story did not hold; the sentence was printed."""


def say(text: str) -> None:
    print(f"     {text}", flush=True)


def check(sentence: str, held: Any, found: Any = "") -> None:
    """Print what holds, with the figure found; end the demo when it does not.

    :raise DidNotHold: `held` is false
    """
    shown = f": {found}" if found != "" else ""
    print(f"  {'ok ' if held else 'NO '}{sentence}{shown}", flush=True)
    if not held:
        raise DidNotHold(sentence)


def wait_for(sentence: str, look: Callable[[], Any], seconds: float) -> Any:
    """Look again and again until there is something to see, and return it.

    :raise DidNotHold: nothing was seen in time
    """
    started = time.monotonic()
    while not (seen := look()):
        if time.monotonic() - started > seconds:
            check(f"{sentence} within {seconds:.0f} s", held=False)
        time.sleep(0.5)
    check(sentence, held=True, found=f"after {time.monotonic() - started:.1f} s")
    return seen


@contextlib.contextmanager
def step(number: int, title: str) -> Iterator[None]:
    print(f"\n{number}  {title}", flush=True)
    started = time.monotonic()
    yield
    print(f"     {time.monotonic() - started:.1f} s", flush=True)
