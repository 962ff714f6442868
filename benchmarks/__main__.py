"""`python -m benchmarks [NAME…]`: every benchmark, or those named, each with its own defaults."""

import sys
from importlib import import_module

NAMES = ("serving", "shadow", "quality", "contracts", "similar", "scale", "learning")


def main(names: list[str]) -> int:
    """Run them one after the other; 2 where a name is none."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    for name in names or NAMES:
        import_module(f"benchmarks.{name}").main([])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
