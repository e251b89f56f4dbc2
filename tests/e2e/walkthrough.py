#!/usr/bin/env python3
"""The walkthrough of the README's main job, against a real Docker engine and a real redis.

    walkthrough.py ORCH [--long]

Every command of tests/golden/walkthrough/recorded.txt (as Nomad 0.8.7 printed it) is given to orch, and what orch prints
is compared with the recording. After each command the engine's own list of containers is compared with what orch says.
At the end the log is replayed: its hash is the live one; a reader of the event stream has seen every event of the log.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from cluster import Agent, Engine, Workplace, wait_for  # noqa: E402
from transcript import Comparison, parse  # noqa: E402
from checks import compare_with_engine, deployment_is, redis_answers, replay_equals_live, running_of  # noqa: E402

GOLDEN = os.path.join(HERE, "..", "golden", "walkthrough")

# What orch prints beyond Nomad's lines.
EXTRA = [
    r"Rolling update:",
    r"- Task Group \"cache\": 3 allocations will be replaced in all, 1 at a time, .*; at least 30s\.",
    r"Deployment \"[0-9a-f]{8}\" goes on by itself:",
    r"    group \"cache\": \d of \d healthy.*",
    r"Follow it with: orch deployment status -monitor [0-9a-f]{8}",
]
# Where orch's line is another one, and why.
REPLACED = [
    (r"nomad (job run -check-index INDEX seed\.nomad)", r"orch job run -check-index \d+ seed\.nomad"),  # the program's name
    (r"Driver Status = .*", r"Driver Status = docker,.*"),  # exec and java come later
    # redis writes its own process id, clock and version
    (r"1:[CM] \d+ \w+ \d+ .*", r"\d+:[CM] \d+ \w+ \d+ .*"),
]


class Walk:
    def __init__(self, agent, engine, folder):
        self.agent, self.engine, self.folder = agent, engine, folder
        self.comparison, self.differences = Comparison(), []

    def edit(self, pattern, replacement):
        path = os.path.join(self.folder, "seed.nomad")
        text = open(path).read()
        edited = re.sub(pattern, replacement, text)
        assert edited != text, f"{pattern} is not in the job file"
        open(path, "w").write(edited)

    def step(self, number, step):
        words = self.comparison.translate(step.words).split()
        printed, code = self.agent.run(*words, cwd=self.folder)
        found = self.comparison.compare(step.lines, printed.split("\n"), EXTRA, REPLACED)
        if code != step.exit:
            found.append(f"exit code: expected {step.exit}, got {code}")
        print(f"{'ok  ' if not found else 'FAIL'} {number:2} orch {' '.join(words)}", flush=True)
        if found:
            self.differences.append(step.words)
            print("     " + "\n     ".join(found))
            print("     printed:\n       " + printed.replace("\n", "\n       "), flush=True)


def main():
    orch = os.path.abspath(sys.argv[1])
    with Workplace() as place, Engine(os.path.join(place, "engine")) as engine:
        data = os.path.join(place, "data")
        agent = Agent(orch, data, engine.socket).start()
        try:
            problems = walk(agent, engine, place)
            problems += replay_equals_live(agent, orch, place)
        finally:
            agent.stop()
        assert not problems, "\n".join(problems)
    print("the walkthrough holds")


def walk(agent, engine, place):
    shutil.copy(os.path.join(GOLDEN, "example.nomad"), os.path.join(place, "seed.nomad"))
    stream = subprocess.Popen([agent.orch, "event", "stream", "-json", "-address", f"http://127.0.0.1:{agent.port}"],
                              stdout=open(os.path.join(place, "events"), "wb"), stderr=subprocess.DEVNULL)
    w = Walk(agent, engine, place)
    # The recording begins with a job that was stopped before it was healthy and is gone.
    agent.run("job", "run", "-detach", "seed.nomad", cwd=place)
    wait_for("a running allocation", lambda: running_of(agent) == 1)
    agent.run("job", "stop", "-purge", "-detach", "-yes", "example")
    wait_for("no running container", lambda: not any(c["running"] for c in engine.containers().values()))

    def healthy(version):
        wait_for(f"version {version} to be healthy", lambda: deployment_is(agent, "successful", version), 120)

    def rolled_one():
        deployment = agent.get("/v1/job/example/deployment")
        state = deployment["TaskGroups"]["cache"]
        old = [a for a in agent.get("/v1/job/example/allocations") if a["DesiredStatus"] == "stop" and a["ClientStatus"] == "complete"]
        return state["PlacedAllocs"] == 1 and state["HealthyAllocs"] == 0 and running_of(agent) == 3 and len(old) == 1

    def first_of_rolling(*_):
        wait_for("the first of the rolling update", rolled_one)

    # What has to have happened before a command of the recording, by its number.
    before = {
        2: lambda: (healthy(0), redis_answers(agent)),
        8: lambda: w.edit("count = 1", "count = 3"),
        10: lambda: healthy(1),
        11: lambda: w.edit("redis:3.2", "redis:4.0"),
        14: first_of_rolling,
        15: lambda: healthy(2),
        20: lambda: None,
        21: lambda: wait_for("all allocations to end", lambda: running_of(agent) == 0),
    }
    problems = []
    steps = parse(os.path.join(GOLDEN, "recorded.txt"))
    for number, step in enumerate(steps):
        before.get(number, lambda: None)()
        if step.words.startswith("eval status"):  # an evaluation of the deployment's: the recording does not show where it is from
            evaluations = agent.get("/v1/job/example/evaluations")
            w.comparison.ids.update({step.words.split()[-1]: next(e["ID"][:8] for e in evaluations if e["TriggeredBy"] == "deployment-watcher")})
        w.step(number, step)
        problems += compare_with_engine(agent, engine, f"after {number} {step.words}")
    healthy(2 if not steps else agent.get("/v1/job/example")["Version"])
    problems += [f"another output than the recorded one: {words}" for words in w.differences]
    stream.terminate()
    stream.wait()
    return problems


if __name__ == "__main__":
    main()
