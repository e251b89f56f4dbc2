"""Counts the test cases behind a Meson test log and prints `N passed, N failed, N skipped`, alone on the last line.

A Meson test is one program; what a reader wants counted are the cases inside. doctest programs print their own count,
other programs print a line `cases: P passed, F failed, S skipped`; a program that prints neither counts as one.
"""

import json
import re
import sys

DOCTEST = re.compile(r"test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed(?:\s*\|\s*(\d+) skipped)?")
OWN = re.compile(r"^cases: (\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def count(test):
    output = COLOUR.sub("", test.get("stdout", ""))
    if match := DOCTEST.search(output):
        passed, failed, skipped = int(match[2]), int(match[3]), int(match[4] or 0)
    elif match := OWN.search(output):
        passed, failed, skipped = (int(match[i]) for i in (1, 2, 3))
    else:
        passed, failed, skipped = 1, 0, 0
    if test["result"] == "SKIP":
        return 0, 0, max(1, skipped)
    if test["result"] != "OK" and failed == 0:
        passed, failed = max(0, passed - 1), 1
    return passed, failed, skipped


def main():
    totals = [0, 0, 0]
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            totals = [a + b for a, b in zip(totals, count(test))]
            if test["result"] not in ("OK", "SKIP"):
                print(f"failed: {test['name']}")
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main())
