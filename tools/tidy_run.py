"""Runs clang-tidy (.clang-tidy says which checks) over sources, two at a time, and counts the files.

    tidy_run.py BUILD_FOLDER [all | FILE…]      default: what changed since main
"""

import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys

LAYERS = ("core", "projections", "drivers", "cli")


def sources(build):
    """Files that the build compiles, as paths in the tree."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as commands:
        found = {os.path.relpath(os.path.join(c["directory"], c["file"])) for c in json.load(commands)}
    return sorted(f for f in found if f.split("/")[0] in LAYERS)


def changed():
    base = subprocess.run(["git", "merge-base", "HEAD", "main"], capture_output=True, text=True, check=False).stdout.strip()
    names = subprocess.run(["git", "diff", "--name-only", base or "HEAD"], capture_output=True, text=True, check=False).stdout
    return set(names.split())


def look(tidy, build, file):
    done = subprocess.run([tidy, "--quiet", "-p", build, file], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if re.search(r"(error|warning):", line)]
    return file, lines or ([] if done.returncode == 0 else [done.stderr.strip()[-2000:]])


def main():
    build, wanted = sys.argv[1], sys.argv[2:]
    tidy = shutil.which("clang-tidy-19") or shutil.which("clang-tidy")
    if not tidy:
        print("there is no clang-tidy: tools/setup --tidy installs it")
        return 1
    files = sources(build)
    if wanted != ["all"]:
        chosen = set(os.path.normpath(w) for w in wanted) if wanted else changed()
        files = [f for f in files if f in chosen]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for file, problems in pool.map(lambda f: look(tidy, build, f), files):
            print(("FAIL " if problems else "ok   ") + file, flush=True)
            for problem in sorted(set(problems)):
                print("     " + problem, flush=True)
            failed += bool(problems)
    print(f"{len(files) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
