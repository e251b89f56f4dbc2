#!/usr/bin/env python3
"""Checks the include arrows: schemas <- core <- projections <- drivers <- cli, the ones inside drivers, and who may see
which outside library."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ["schemas", "core", "projections", "drivers", "cli"]

# Inside drivers: a folder → what it may include of the others, and why no more. A new folder needs a line here.
INSIDE_DRIVERS = {
    "clock": ([], "a clock knows nobody"),
    "uuid": ([], "random ids know nobody"),
    "crypto": ([], "digests and encodings know nobody"),
    "net": ([], "the network's wrapping carries bytes and does not know whose"),
    "files": ([], "files below a folder that others can write know neither nodes nor tasks"),
    "log": ([], "a log keeps groups and does not know who appends them"),
    "snapshots": ([], "a folder of snapshots does not know who makes them"),
    "task": (["net", "crypto", "files"],
             "a task driver talks to its engine; the node calls it by core/runner/task_driver.h"),
    "node": (["net", "log", "task", "crypto", "files"],
             "a node is a machine of its own: it reaches servers by HTTP only"),
    "server": (["net", "log", "snapshots", "crypto"],
               "the server answers questions without knowing who asks or how"),
    "http": (["server", "net", "log", "snapshots", "crypto"],
             "HTTP reaches the node client through drivers/http/node_port.h and the rest through the server"),
}

# Folders of drivers that each of the others may include.
FOR_ALL_DRIVERS = ("clock", "uuid")

# Outside headers → the folders that may include them.
OUTSIDE = {
    r"lmdb\.h": ["projections/lmdb"],
    r"librdkafka/": ["drivers/log/kafka"],
    r"CLI/": ["cli/command_line.cc"],
    r"openssl/": ["drivers/net", "drivers/crypto"],
    r"boost/(asio|beast|url)": ["drivers/net"],
    r"boost/uuid": ["drivers/uuid"],
    r"boost/json": [
        "core/model/job_json", "core/model/json_limits.h",
        "core/jobspec",
        "core/runner/snapshot_json",
        "projections",
        "drivers",
        "cli",
    ],
    r"re2/": ["core/scheduler", "core/jobspec"],
    r"fmt/": ["core/base/format.h"],
    r"xxhash\.h": ["core/base/checksum.cc"],
    r"spdlog/": ["cli/agent/agent_log.cc"],
    r"doctest/": ["tests"],
}
# The calendar of <chrono> is arithmetic; that no clock of it is used, the symbols prove (purity.py).
CALENDAR = ["core/base/time_text.cc"]
# A number shown by the locale.
BY_LOCALE = re.compile(r'"[^"]*\{\w*:[^}"]*L\}')
# The pure folders include none of these.
IMPURE = re.compile(
    r"^(chrono|random|fstream|iostream|sstream|filesystem|thread|mutex|shared_mutex|condition_variable|future|"
    r"atomic|locale|regex|unistd\.h|sys/.*|fcntl\.h|time\.h|ctime|pthread\.h|netinet/.*|arpa/.*)$"
)


def layer_of(path):
    return LAYERS.index(path.split("/")[0]) if path.split("/")[0] in LAYERS else None


def problem_inside_drivers(name, header):
    """Of a file under drivers/ that includes another one there; None when it may."""
    own, other = name.split("/")[1], header.split("/")[1]
    if own not in INSIDE_DRIVERS:
        return f"drivers/{own} has no line in INSIDE_DRIVERS of tests/tidy/layers.py that says what it may include"
    allowed, why = INSIDE_DRIVERS[own]
    if other == own or other in allowed or other in FOR_ALL_DRIVERS:
        return None
    may = ", ".join(f"drivers/{folder}" for folder in (*allowed, *FOR_ALL_DRIVERS))
    return f"drivers/{own} must not include {header}: {why} (it may include {may})"


def main():
    problems = []
    files = [p for layer in LAYERS for p in (ROOT / layer).rglob("*") if p.suffix in (".h", ".cc")]
    for path in sorted(files):
        name = str(path.relative_to(ROOT))
        own = layer_of(name)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if name.startswith("core/") and BY_LOCALE.search(line):
                problems.append(f"{name}:{number}: core is pure and must not format by the locale")
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            header = match.group(2)
            where = f"{name}:{number}"
            if match.group(1) == '"':
                other = layer_of(header)
                if other is not None and other > own:
                    problems.append(f"{where}: {LAYERS[own]} must not include {header}")
                if name.startswith("drivers/") and header.startswith("drivers/"):
                    if problem := problem_inside_drivers(name, header):
                        problems.append(f"{where}: {problem}")
                if name.startswith(("core/reducer/", "core/scheduler/", "core/loop/", "core/log/")) and re.match(
                    r"core/(jobspec|runner)/", header
                ):
                    problems.append(f"{where}: the reducer's side must not include {header}")
                continue
            for pattern, folders in OUTSIDE.items():
                if re.match(pattern, header) and not any(name.startswith(f) for f in folders):
                    problems.append(f"{where}: <{header}> belongs to {', '.join(folders)}")
            if name.startswith("core/") and IMPURE.match(header) and not (header == "chrono" and name in CALENDAR):
                problems.append(f"{where}: core is pure and must not include <{header}>")
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {len(problems)} arrows the wrong way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
