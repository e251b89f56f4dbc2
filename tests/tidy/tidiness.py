#!/usr/bin/env python3
"""Small rules that keep the tree readable: see docs/HACKING.md."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLUMNS = 120
TOP = {
    *("meson.build", "schemas", "core", "projections", "drivers", "cli", "tests", "tools", "docs"),
    *("README.md", "LICENSE", "CHANGELOG.md"),
}


def is_source(path):
    """C++, Python, Meson, and scripts that go without an ending."""
    if path.suffix in (".h", ".cc", ".py", ".build"):
        return path.is_file()
    return path.suffix == "" and path.is_file() and path.open("rb").read(2) == b"#!"


def main():
    problems = []
    tracked = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, tracked):
        path = ROOT / name
        top = name.split("/")[0]
        if not top.startswith(".") and top not in TOP:
            problems.append(f"{name}: the top level is fixed")
        if re.search(r"(^|/)(utils?|common|misc|helpers?)\.[a-z]+$", name):
            problems.append(f"{name}: a name that says nothing")
        if not is_source(path) or name.startswith("tests/golden/"):
            continue
        text = path.read_text()
        if path.suffix == ".h" and "#pragma once" not in text:
            problems.append(f"{name}: no #pragma once")
        if path.suffix == ".h" and not text.startswith("//"):
            problems.append(f"{name}: a header begins with what it is for")
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line) and name != "tests/tidy/tidiness.py":
                problems.append(f"{name}:{number}: unfinished business belongs into an issue")
            if line != line.rstrip():
                problems.append(f"{name}:{number}: space at the end of the line")
            if len(line) > COLUMNS:
                problems.append(f"{name}:{number}: {len(line)} columns; lines end at {COLUMNS}")
            if "\t" in line and path.suffix in (".h", ".cc", ".build"):
                problems.append(f"{name}:{number}: tab")
    for problem in problems:
        print(problem)
    print(f"{len(tracked)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
