"""How much longer `import pulumi_alicloud_mps` takes than the `import pulumi` that it needs.

Fresh interpreters, one of each kind in turn, so that what else the machine does meets both alike.
The ratio is that of the medians.

    python benchmarks/import_time.py [--pairs 21] [--most 1.15] [--json]
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

_LEAST_PAIRS = 11
_MODULES = ("pulumi", "pulumi_alicloud_mps")


def measure(pairs: int) -> dict[str, float]:
    """Return the median of each import in milliseconds, and their ratio."""
    for module in _MODULES:
        # The first import of all writes bytecode.
        _import(module)
    times = [[_import(module) for module in _MODULES] for _ in range(pairs)]
    base, ours = (statistics.median(column) for column in zip(*times, strict=True))
    return {
        "pairs": pairs,
        "pulumi_ms": round(base * 1000, 1),
        "pulumi_alicloud_mps_ms": round(ours * 1000, 1),
        "ratio": round(ours / base, 3),
    }


def _import(module: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - start


def main() -> int:
    """Measure and print; the exit code is 1 where the ratio is too high."""
    options = argparse.ArgumentParser(description="What importing the package costs.")
    options.add_argument("--pairs", type=int, default=21, help="at least 11")
    options.add_argument("--most", type=float, default=1.15, help="the highest ratio that is good")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    if chosen.pairs < _LEAST_PAIRS:
        options.error(f"--pairs: at least {_LEAST_PAIRS}, or chance decides")
    figures = measure(chosen.pairs)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<24}{value:>10}")
    return int(figures["ratio"] > chosen.most)


if __name__ == "__main__":
    sys.exit(main())
