#!/usr/bin/env python3
"""Today's schema must read what every released version wrote: fields are only added at the end, nothing is renumbered.

    conform.py FLATC CURRENT RELEASED...

The check is flatc's own (`--conform`); that it would notice is tried on copies that are broken on purpose.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def conforms(flatc, schema, released):
    done = subprocess.run([flatc, "--conform", str(released), str(schema)], capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def broken_copies(text):
    yield "a field that is gone", re.sub(r"\n  enforce_index:bool;[^\n]*", "", text, count=1)
    yield "a field of another type", text.replace("job_modify_index:ulong;", "job_modify_index:string;", 1)
    yield "a field put before others", text.replace(
        "table DeregisterJob {\n", "table DeregisterJob {\n  reason:string;\n", 1
    )
    yield "a command put before others", text.replace(
        "union Command {\n  RegisterJob,\n", "union Command {\n  Tick,\n  RegisterJob,\n", 1
    ).replace("  Tick,\n  RaiseRules,", "  RaiseRules,", 1)


def main():
    flatc, current, released = sys.argv[1], pathlib.Path(sys.argv[2]), [pathlib.Path(p) for p in sys.argv[3:]]
    assert released, "at least one released schema"
    problems = []
    for old in released:
        good, why = conforms(flatc, current, old)
        if not good:
            problems.append(f"{current} does not conform to {old}: {why}")
        text = old.read_text()
        with tempfile.TemporaryDirectory() as folder:
            for what, broken in broken_copies(text):
                assert broken != text, what
                copy = pathlib.Path(folder) / "record.fbs"
                copy.write_text(broken)
                if conforms(flatc, copy, old)[0]:
                    problems.append(f"the check does not notice {what}")
            grown = pathlib.Path(folder) / "record.fbs"
            grown.write_text(
                text.replace(
                    "table RaiseRules {\n  version:ushort;\n",
                    "table RaiseRules {\n  version:ushort;\n  note:string;\n",
                    1,
                )
            )
            good, why = conforms(flatc, grown, old)
            if not good:
                problems.append(f"the check refuses a field added at the end: {why}")
    for problem in problems:
        print(problem)
    print(f"{len(released)} released schemas, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
