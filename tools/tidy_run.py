"""Runs clang-tidy (.clang-tidy says which checks) over sources and counts the files.

A file's result is kept in BUILD_FOLDER/tidy-cache, under a digest of all that it depends on: the source, the headers of
this tree that it includes, however far, its compile command, the checks and clang-tidy's version. So a second run looks
at what changed. What is not in the digest: the system's headers, which change with a package; remove the folder then.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

LAYERS = ("core", "projections", "drivers", "cli")
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def sources(build):
    """Files that the build compiles, as paths in the tree, each with its compile command."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as commands:
        found = {os.path.relpath(os.path.join(c["directory"], c["file"])): c["command"] for c in json.load(commands)}
    return {f: command for f, command in sorted(found.items()) if f.split("/")[0] in LAYERS}


def changed():
    """What differs from main: committed, in the work tree, or new."""
    def git(*words):
        return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()

    base = git("merge-base", "HEAD", "main") or "HEAD"
    return set(git("diff", "--name-only", base).split()) | set(git("ls-files", "-o", "--exclude-standard").split())


class Cache:
    """What clang-tidy said of a file, for as long as nothing that it depends on changes."""

    def __init__(self, build, tidy):
        self.build = build
        self.folder = os.path.join(build, "tidy-cache")
        os.makedirs(self.folder, exist_ok=True)
        with open(".clang-tidy", "rb") as checks:
            self.settings = checks.read() + subprocess.run([tidy, "--version"], capture_output=True, check=True).stdout

    @functools.lru_cache(maxsize=None)
    def read(self, path):
        """A file's digest, and the files of this tree that it includes."""
        with open(path, "rb") as file:
            text = file.read()
        candidates = [os.path.join(root, name.decode()) for name in INCLUDE.findall(text)
                      for root in (os.path.dirname(path), ".", self.build)]
        return hashlib.sha256(text).digest(), sorted({os.path.normpath(c) for c in candidates if os.path.isfile(c)})

    def key(self, file, command):
        seen, new = set(), [file]
        while new:
            path = new.pop()
            seen.add(path)
            new += [included for included in self.read(path)[1] if included not in seen]
        digest = hashlib.sha256(self.settings + command.encode())
        for path in sorted(seen):
            digest.update(path.encode() + self.read(path)[0])
        return digest.hexdigest()

    def entry(self, file):
        return os.path.join(self.folder, file.replace("/", "__") + ".json")

    def get(self, file, key):
        """The problems that were found; None when it has to be looked at."""
        try:
            with open(self.entry(file), encoding="utf-8") as kept:
                kept = json.load(kept)
        except (OSError, ValueError):
            return None
        return kept["problems"] if kept["key"] == key else None

    def put(self, file, key, problems):
        with open(self.entry(file) + ".new", "w", encoding="utf-8") as kept:
            json.dump({"key": key, "problems": problems}, kept)
        os.replace(self.entry(file) + ".new", self.entry(file))


def look(tidy, build, file):
    """What clang-tidy finds, and whether it ran to its end (else the answer is not for keeping)."""
    done = subprocess.run([tidy, "--quiet", "-p", build, file], capture_output=True, text=True, check=False)
    lines = sorted({line for line in done.stdout.splitlines() if re.search(r"(error|warning):", line)})
    if lines or done.returncode == 0:
        return lines, True
    return [done.stderr.strip()[-2000:] or f"clang-tidy ended with {done.returncode}"], False


def main():
    words = argparse.ArgumentParser(description="clang-tidy over what changed since main, over some files, or over all")
    words.add_argument("build", help="the build folder, with its compile commands")
    words.add_argument("files", nargs="*", help="sources, or the word `all`; default: what changed since main")
    words.add_argument("-j", "--jobs", type=int, default=2, help="how many at a time (default: 2)")
    words = words.parse_intermixed_args()  # `all -j 1` and `-j 1 all`
    tidy = shutil.which("clang-tidy-19") or shutil.which("clang-tidy")
    if not tidy:
        print("there is no clang-tidy: tools/setup --tidy installs it")
        return 1
    files = sources(words.build)
    if words.files != ["all"]:
        chosen = {os.path.normpath(f) for f in words.files} if words.files else changed()
        files = {f: command for f, command in files.items() if f in chosen}
    cache = Cache(words.build, tidy)

    def result(file):
        key = cache.key(file, files[file])
        problems = cache.get(file, key)
        if problems is not None:
            return file, problems, True
        problems, finished = look(tidy, words.build, file)
        if finished:
            cache.put(file, key, problems)
        return file, problems, False

    failed = kept = 0
    with concurrent.futures.ThreadPoolExecutor(words.jobs) as pool:
        for file, problems, was_kept in pool.map(result, files):
            print(("FAIL " if problems else "ok   ") + file + (" (as before)" if was_kept else ""), flush=True)
            for problem in problems:
                print("     " + problem, flush=True)
            failed += bool(problems)
            kept += was_kept
    print(f"{kept} of {len(files)} have not changed since they were looked at")
    print(f"{len(files) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
