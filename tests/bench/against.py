"""Two builds beside each other, as ratios: this tree's and another one's, which may be older and know less.

Wall time is the median of pairs that are taken in turns, so that the machine's mood meets both; instructions are
callgrind's, of a run with N operations taken from one with 4 N, so that what a start costs falls out. Exits with 1 when
a ratio is beyond its bound. A comparison is a line of COMPARISONS.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from builds import Agent, Build, Failed, callgrind, counted, run, timed  # noqa: E402

EXAMPLES = """\
examples:
  tools/bench --against ../before/build               all that two builds can be compared by
  tools/bench http --against ../before/build          one group
  tools/bench --against ../before/build --only instructions
                                                      what counts on a busy machine
  tools/bench --against ../before/build --wall 1.3 --pairs 4
"""


class Run:
    """One turn of one build: a folder of its own, and what the runs share."""

    def __init__(self, build, folder, tools):
        self.build, self.folder, self.tools = build, folder, tools
        self.log = os.path.join(folder, "log")
        self.out = os.path.join(folder, "callgrind.out")
        self.callgrind = callgrind(self.out, tools.program("small_map.so"))

    def instructions_of(self, program, *words):
        run([*self.callgrind, self.build.program(program), *words], self.log)
        return counted(self.out)

    def load(self, agent, count, connections):
        """Seconds that so many PUTs of jobs that place nothing took."""
        address = f"127.0.0.1:{agent.port}"
        return float(run([self.tools.program("put_load"), address, str(count), str(connections)], self.log))


# Each of these makes one run: it answers the seconds that it took, or the instructions and the number of operations.

def put_wall(this):
    with Agent(this.build, this.folder) as agent:
        return this.load(agent, 20_000, 64)


def put_instructions(this, size):
    with Agent(this.build, this.folder, this.callgrind) as agent:
        this.load(agent, 250 * size, 1)
    return counted(this.out), 250 * size


def put_parts_wall(this):
    return timed([this.build.program("put_parts"), "--jobs", "12800"], this.log)


def put_parts_instructions(this, size):
    jobs = 320 * size
    return this.instructions_of("put_parts", "--jobs", str(jobs)), jobs


def log_of(this, nodes, placing, count, idle):
    """A data folder as this build writes it: jobs that place `count` each, and registrations that place nothing."""
    with Agent(this.build, this.folder) as agent:
        agent.register_nodes(nodes)
        for job in range(placing):
            agent.place(f"placing-{job}", count)
        this.load(agent, idle, 16)
    return agent.data_dir


def replay_wall(this):
    folder = log_of(this, nodes=20, placing=100, count=1000, idle=20_000)
    return timed([this.build.program("orch"), "replay", "-no-live", folder], this.log)


def replay_instructions(this, size):
    jobs, count = 25 * size, 200
    folder = log_of(this, nodes=20, placing=jobs, count=count, idle=200 * size)
    return this.instructions_of("orch", "replay", "-no-live", folder), jobs * count


def loop_words(jobs, count, nodes):
    return ["--nodes", str(nodes), "--jobs", str(jobs), "--count", str(count)]


def placement_wall(this):
    return timed([this.build.program("placement_loop"), *loop_words(200, 1000, 1000)], this.log)


def placement_instructions(this, size):
    jobs, count = 15 * size, 1000
    return this.instructions_of("placement_loop", *loop_words(jobs, count, 500)), jobs * count


# group, what is compared, the programs that both builds must have, wall time, instructions
COMPARISONS = [
    ("http", "PUT of a job, over HTTP", ["orch"], put_wall, put_instructions),
    ("http", "PUT of a job, its parts in one process", ["put_parts"], put_parts_wall, put_parts_instructions),
    ("replay", "fold of a log (each allocation)", ["orch"], replay_wall, replay_instructions),
    ("placement", "an allocation placed, reported, folded", ["placement_loop"], placement_wall, placement_instructions),
]


class Bench:
    def __init__(self, options, builds, folder):
        self.options, self.builds, self.folder = options, builds, folder
        self.tools = Build(options.build)  # what drives both
        self.runs = 0

    def tell(self, text):
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def once(self, build, measure, *size):
        self.runs += 1
        folder = os.path.join(self.folder, str(self.runs))
        os.mkdir(folder)
        answer = measure(Run(build, folder, self.tools), *size)
        shutil.rmtree(folder)
        return answer

    def wall(self, what, measure):
        pairs = []
        for n in range(self.options.pairs):
            self.tell(f"{what}: pair {n + 1} of {self.options.pairs}")
            order = self.builds if n % 2 == 0 else self.builds[::-1]  # neither always goes first
            took = {build: self.once(build, measure) for build in order}
            pairs.append([took[build] for build in self.builds])
        ratios = [this / other for this, other in pairs]
        this, other = (statistics.median(side) * 1000 for side in zip(*pairs))
        return {"unit": "ms", "this": this, "other": other, "ratio": statistics.median(ratios),
                "from": min(ratios), "to": max(ratios), "bound": self.options.wall}

    def instructions(self, what, measure):
        each = []
        for build, name in zip(self.builds, ("this build", "the other")):
            self.tell(f"{what}: instructions of {name}")
            # What threads wait for one another comes on top, so the lesser of two runs is nearer to the truth.
            (first, few), (second, many) = (min(self.once(build, measure, size) for _ in range(2)) for size in (1, 4))
            each.append((second - first) / (many - few))
        this, other = each
        return {"unit": "instructions", "this": this, "other": other, "ratio": this / other,
                "bound": self.options.instructions}

    def compare(self):
        """Rows, one by one."""
        for group, what, programs, wall, instructions in COMPARISONS:
            if self.options.group and group not in self.options.group:
                continue
            missing = [build.folder for build in self.builds if not build.has(*programs)]
            if missing:
                print(f"{what}: left out, {missing[0]} has no {' and '.join(programs)}", file=sys.stderr)
                continue
            if self.options.only != "wall":
                yield {"what": what, **self.instructions(what, instructions)}
            if self.options.only != "instructions":
                yield {"what": what, **self.wall(what, wall)}
        self.tell("")


def line(row):
    spread = f"{row['from']:.3f} to {row['to']:.3f}" if "from" in row else ""
    verdict = "BEYOND" if row["ratio"] > row["bound"] else ""
    return (f"{verdict:<7}{row['what']:<40} {row['this']:>12,.1f} {row['other']:>12,.1f} {row['unit']:<13}"
            f"{row['ratio']:>6.3f}  <= {row['bound']:<5g} {spread}").rstrip()


def main():
    groups = sorted({comparison[0] for comparison in COMPARISONS})
    words = argparse.ArgumentParser(prog="tools/bench", description=__doc__.split("\n\n", 1)[0], epilog=EXAMPLES,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("group", nargs="*", help=f"of these groups only: {', '.join(groups)}")
    words.add_argument("--against", required=True, metavar="BUILD_DIR", help="the other build")
    words.add_argument("--build", default="build", help=argparse.SUPPRESS)
    words.add_argument("--only", choices=["instructions", "wall"], help="leave the other kind out")
    words.add_argument("--pairs", type=int, default=10, help="pairs of runs for wall time (default: 10)")
    words.add_argument("--instructions", type=float, default=1.05, metavar="RATIO", help="its bound (default: 1.05)")
    words.add_argument("--wall", type=float, default=1.15, metavar="RATIO", help="its bound (default: 1.15)")
    words.add_argument("--json", action="store_true", help="JSON instead of a table")
    options = words.parse_intermixed_args()
    for group in options.group:
        if group not in groups:
            words.error(f"nothing of the group \"{group}\" is compared; there are {', '.join(groups)}")
    builds = [Build(options.build), Build(options.against)]
    for build in builds:
        if not build.has("orch"):
            words.error(f"{build.folder} is no build: there is no {build.program('orch')}")
    if options.only != "wall" and shutil.which("valgrind") is None:
        words.error("there is no valgrind: tools/setup --valgrind installs it")
    rows = []
    folder = tempfile.mkdtemp(prefix="orch-against-")
    try:
        if not options.json:
            print(f"{'':<7}{'what':<40} {'this':>12} {'other':>12} {'':<13}{'ratio':>6}  bound    pairs", flush=True)
        for row in Bench(options, builds, folder).compare():
            rows.append(row)
            if not options.json:
                print(line(row), flush=True)
    except (Failed, AssertionError, subprocess.SubprocessError) as failure:
        print(f"the comparison can't go on: {failure} (left for a look: {folder})", file=sys.stderr)
        return 2
    shutil.rmtree(folder, ignore_errors=True)
    beyond = sum(row["ratio"] > row["bound"] for row in rows)
    if options.json:
        print(json.dumps([{**row, "beyond": row["ratio"] > row["bound"]} for row in rows], indent=1))
    print(f"{beyond} of {len(rows)} ratios are beyond their bounds", file=sys.stderr)
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
