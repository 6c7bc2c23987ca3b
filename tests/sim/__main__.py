"""Runs simulated shows and says what they found.

python -m tests.sim --seeds 2000 --start 0      many shows; the first failing one is shrunk and told
python -m tests.sim --directed --seeds 500     shows with all that a show can have
python -m tests.sim --tell 793                  one show, told from beginning to end
python -m tests.sim --seeds 50 --break skip-fence   the product broken on purpose: must be found
"""

# ruff: noqa: T201 -- a command prints
import argparse
import sys
import time
from collections import Counter

from tests.sim import mutations, plan, search, story


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many shows")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument(
        "--break", dest="broken", choices=mutations.KINDS, default="", help="break the product"
    )
    parser.add_argument("--directed", action="store_true", help="shows with stories, payments, operators")
    parser.add_argument("--tell", type=int, help="tell the show of this seed, whatever comes of it")
    parser.add_argument("--keep", metavar="WHAT", help="keep a failing show, with this line on what it found")
    args = parser.parse_args()
    if args.tell is not None:
        make = plan.make_directed if args.directed else plan.make
        return _tell(make(args.tell), args.broken)
    counts: Counter[str] = Counter()
    began_s = time.monotonic()
    failed = None
    shows = search.directed if args.directed else search.fresh
    for show in shows(args.start, args.seeds):
        found = search.look(show, args.broken)
        counts.update(found.outcome.counts)
        counts["shows"] += 1
        if found.wrongs:
            failed = show
            break
    minutes = (time.monotonic() - began_s) / 60
    print(f"{counts['shows']} shows, {counts['shows'] / minutes:.0f} seeds per minute")
    for what, count in sorted(counts.items()):
        print(f"  {what}: {count}")
    if failed is None:
        return 0
    print(f"\nseed {failed.seed} breaks a promise; it is made smaller")
    smallest = search.shrink(failed, args.broken)
    _tell(smallest, args.broken)
    if args.keep:
        search.keep(smallest, args.keep)
    return 1


def _tell(show: plan.Plan, broken: str) -> int:
    found = search.look(show, broken, is_traced=True)
    print(*story.plan_lines(show), *story.story_lines(found.outcome), sep="\n")
    print(*(found.wrongs or ["every promise was kept"]), sep="\n")
    return 1 if found.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
