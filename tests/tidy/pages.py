#!/usr/bin/env python3
"""Pages tell the truth about the tree: files that they name exist, links lead somewhere, ARCHITECTURE's folder table
is the tree, and the guide's page on job files has every word of the job language's main blocks and of the drivers'
configs.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOP = ("schemas", "core", "projections", "drivers", "cli", "tests", "tools", "docs", ".ci")


def named_files(text):
    """Files of this tree in backticks: `core/log/log.h`, `tools/test --long`, `core/jobspec/validate_*.cc`."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for code in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", text):
        word = code.split()[0].rstrip(":,.;")
        if "/" in word and word.split("/")[0] in TOP and not re.search(r"[A-Z]{3,}", word):
            yield word


def broken_links(path, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"(https?:|mailto:|#)", target) and not (path.parent / target.split("#")[0]).exists():
            yield target


def folders():
    """What the table of ARCHITECTURE must list: each folder of core and drivers, the rest as a whole."""
    for name in ("schemas", "projections", "cli", "cli/agent", "tests", "tools"):
        yield name + "/"
    for layer in ("core", "drivers"):
        for path in sorted((ROOT / layer).iterdir()):
            if path.is_dir() and any(path.rglob("*.h")):
                yield f"{layer}/{path.name}/"


# Blocks that are taken or refused as a whole have no line per word.
BLOCKS = (
    "Job",
    "TaskGroup",
    "Task",
    "Service",
    "ServiceCheck",
    "CheckRestart",
    "UpdateStrategy",
    "ReschedulePolicy",
    "Resources",
    "EphemeralDisk",
    "LogConfig",
)


def words_of_job_files():
    text = (ROOT / "core/model/job.h").read_text()
    for name, body in re.findall(r"^struct (\w+) \{\n(.*?)^\};", text, flags=re.MULTILINE | re.DOTALL):
        if name in BLOCKS:
            words = re.findall(r'ORCH_FIELD\(\d+, "\w+", "(\w+)"', body)
            assert words, f"no fields were found in {name}: does this look for them as they are written?"
            yield from words
    config = (ROOT / "core/jobspec/driver_config.cc").read_text()
    for driver in ("docker", "raw_exec"):
        table = re.search(r"%s_keys = \{(.*?)\};" % driver, config, flags=re.DOTALL)[1]
        words = re.findall(r'\{"(\w+)", \{', table)
        assert words, f"no keys of {driver} were found: does this look for them as they are written?"
        yield from words


def main():
    problems = []
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for page in pages:
        name, text = page.relative_to(ROOT), page.read_text()
        for word in sorted(set(named_files(text))):
            if not any(True for _ in ROOT.glob(word.rstrip("/"))):
                problems.append(f"{name}: there is no {word}")
        problems += [f"{name}: the link to {target} leads nowhere" for target in broken_links(page, text)]
    table = set(re.findall(r"^\| `([^`]+/)` \|", (ROOT / "docs" / "ARCHITECTURE.md").read_text(), flags=re.MULTILINE))
    for folder in folders():
        if folder not in table:
            problems.append(f"docs/ARCHITECTURE.md: {folder} is not in the table of folders")
    problems += [f"docs/ARCHITECTURE.md: there is no {f}" for f in sorted(table) if not (ROOT / f).is_dir()]
    job_file = (ROOT / "docs/user/job-file.md").read_text()
    for word in sorted(set(words_of_job_files())):
        if not re.search(rf"`[^`\n]*\b{word}\b[^`\n]*`", job_file):
            problems.append(f"docs/user/job-file.md says nothing of {word}")
    for problem in problems:
        print(problem)
    print(f"{len(pages)} pages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
