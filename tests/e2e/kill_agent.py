#!/usr/bin/env python3
"""kill -9 of the agent at random moments of the walkthrough, against a real Docker engine and a real redis.

    kill_agent.py ORCH [--kills N] [--runs N] [--seed N]

After each kill: nothing acknowledged is missing, running containers keep their id, no container is left over that orch
does not know, and views rebuilt from the log answer byte for byte as those that were there. At the end the replayed log
has the live state's hash, and a reader of the event stream that was cut off by each kill has seen every record's events.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)
from cluster import Agent, Engine, Workplace, free_port, wait_for  # noqa: E402
from checks import compare_with_engine, deployment_is, redis_answers, replay_equals_live, running_of  # noqa: E402


class Ledger(threading.Thread):
    """Writes small jobs one after the other and keeps what was acknowledged. Each is repeated under its own
    idempotency key until an answer comes, as a careful program does."""

    def __init__(self, agent):
        super().__init__(daemon=True)
        self.agent, self.acknowledged, self.over, self.repeated = agent, [], False, 0
        self.start()

    def run(self):
        number = 0
        while not self.over:
            job = {"Job": {"ID": f"ledger-{number % 20}", "Name": "ledger", "Type": "batch", "Datacenters": ["dc1"],
                           "Meta": {"number": str(number)},
                           "TaskGroups": [{"Name": "g", "Count": 0, "Tasks": [{"Name": "t", "Driver": "docker", "Config": {"image": "redis:3.2"}}]}]}}
            answer = self.write("PUT", "/v1/jobs", job)
            if answer is None:
                return
            self.acknowledged.append((job["Job"]["ID"], number, answer["EvalID"], answer["JobModifyIndex"]))
            number += 1
            time.sleep(0.02)

    def write(self, method, path, body):
        key = str(uuid.uuid4())
        while not self.over:
            try:
                connection_answer = self.agent.request(method, path, json.dumps(body), timeout=20, headers={"Idempotency-Key": key})
                if connection_answer[0] == 200:
                    return json.loads(connection_answer[2])
                assert connection_answer[0] == 503, connection_answer[2]
            except (OSError, __import__("http").client.HTTPException):
                pass
            self.repeated += 1
            time.sleep(0.05)
        return None

    def missing(self):
        """Of the last ones acknowledged: evaluations that are not there, jobs that are older than acknowledged."""
        out, newest = [], {}
        for job, number, evaluation, index in self.acknowledged[-60:]:
            newest[job] = number
            found = self.agent.get("/v1/evaluation/" + evaluation)
            if found is None or found["JobModifyIndex"] != index:
                out.append(f"evaluation {evaluation} of {job} #{number} was acknowledged and is {found}")
        for job, number in newest.items():
            found = self.agent.get("/v1/job/" + job)
            if found is None or int(found["Meta"]["number"]) < number:
                out.append(f"{job} #{number} was acknowledged and is {found and found['Meta']}")
        return out


ANSWERS = ["/v1/jobs", "/v1/allocations", "/v1/evaluations", "/v1/deployments", "/v1/nodes", "/v1/services", "/v1/orch/history",
           "/v1/event/stream?index=1&follow=false"]


def all_answers(orch, data, place):
    """What a server alone answers from a data folder, by path."""
    agent = Agent(orch, data, mode=["-server"]).start()
    try:
        out = {path: agent.request("GET", path)[2] for path in ANSWERS}
        for kind, path in (("/v1/jobs", "/v1/job/"), ("/v1/allocations", "/v1/allocation/"), ("/v1/evaluations", "/v1/evaluation/"),
                           ("/v1/deployments", "/v1/deployment/"), ("/v1/nodes", "/v1/node/")):
            for listed in (json.loads(out[kind]) or [])[-40:]:
                out[path + listed["ID"]] = agent.request("GET", path + listed["ID"])[2]
                if path == "/v1/job/":
                    for part in ("/versions", "/summary", "/evaluations", "/allocations", "/deployments"):
                        out[path + listed["ID"] + part] = agent.request("GET", path + listed["ID"] + part)[2]
        return out
    finally:
        agent.kill()


def rebuilt_views_answer_alike(orch, data, place):
    copies = []
    for name, without_views in (("as-is", False), ("rebuilt", True)):
        copy = os.path.join(place, name)
        shutil.rmtree(copy, ignore_errors=True)
        os.makedirs(copy)
        subprocess.run(["cp", "-r", "--sparse=always", os.path.join(data, "log"), copy], check=True)
        if not without_views:
            subprocess.run(["cp", "-r", "--sparse=always", os.path.join(data, "views"), copy], check=True)
        copies.append(all_answers(orch, copy, place))
    kept, rebuilt = copies
    return [f"rebuilt views answer {path} otherwise:\n{kept.get(path)!r}\n{rebuilt.get(path)!r}"
            for path in sorted(set(kept) | set(rebuilt)) if kept.get(path) != rebuilt.get(path)]


class Run:
    def __init__(self, agent, engine, place, dice, kills):
        self.agent, self.engine, self.place, self.dice = agent, engine, place, dice
        self.kills_left, self.problems = kills, []
        self.ledger = Ledger(agent)

    def text(self, count, image):
        source = open(os.path.join(HERE, "..", "golden", "walkthrough", "example.nomad")).read()
        source = source.replace("count = 1", f"count = {count}").replace("redis:3.2", image)
        source = re.sub(r'min_healthy_time = "10s"', 'min_healthy_time = "1s"', source)
        return source.replace('interval = "10s"', 'interval = "1s"')

    def register(self, count, image):
        parsed = self.ledger.write("PUT", "/v1/jobs/parse", {"JobHCL": self.text(count, image), "Canonicalize": True})
        return self.ledger.write("PUT", "/v1/jobs", {"Job": parsed})["JobModifyIndex"]

    def kill(self):
        """One kill and all that must hold after it."""
        running = {name: c["id"] for name, c in self.engine.containers().items() if c["running"]}
        self.agent.kill()
        self.problems += rebuilt_views_answer_alike(self.agent.orch, self.agent.data_dir, self.place)
        self.agent.start()
        self.problems += self.ledger.missing()
        self.problems += compare_with_engine(self.agent, self.engine, "after a kill")
        wanted = {"redis-" + a["ID"] for a in self.agent.get("/v1/allocations") if a["DesiredStatus"] == "run"}
        now = self.engine.containers()
        for name, container in running.items():
            if name in wanted and (name not in now or now[name]["id"] != container or not now[name]["running"]):
                self.problems.append(f"{name} was container {container[:12]} before the kill and is {now.get(name)} now")
        self.kills_left -= 1
        print(f"  killed; {self.kills_left} to come, {len(self.ledger.acknowledged)} writes acknowledged, "
              f"{self.ledger.repeated} repeated, {len(running)} containers ran on, {len(self.problems)} problems", flush=True)

    def until(self, what, condition, kills, span):
        """Waits for the condition; kills come at random moments of `span` seconds."""
        moments = sorted(self.dice.uniform(0, span) for _ in range(min(kills, self.kills_left)))
        begin = time.monotonic()
        for moment in moments:
            time.sleep(max(0, begin + moment - time.monotonic()))  # the moment is the test's input, nothing is hoped for
            self.kill()
        wait_for(what, condition, 120)
        print(f"{what}: holds", flush=True)

    def walk(self):
        share = -(-self.kills_left // 5)

        def healthy(index):
            def check():
                d = self.agent.get("/v1/job/example/deployment")
                return d and d["Status"] == "successful" and d["JobModifyIndex"] == index
            return check

        index = self.register(1, "redis:3.2")
        self.until("the first allocation is healthy", healthy(index), share, 2)
        redis_answers(self.agent)
        index = self.register(3, "redis:3.2")
        self.until("three are healthy", healthy(index), share, 3)
        index = self.register(3, "redis:4.0")
        self.until("all three run the new image", healthy(index), share, 8)
        redis_answers(self.agent)
        self.ledger.write("DELETE", "/v1/job/example", None)
        self.until("the stopped job's allocations have ended", lambda: running_of(self.agent) == 0, share, 2)
        index = self.register(3, "redis:3.2")
        self.until("the job runs again", healthy(index), self.kills_left, 4)
        self.problems += compare_with_engine(self.agent, self.engine, "at the end of a run")
        self.ledger.over = True
        self.ledger.join()
        self.problems += self.ledger.missing()


def lines_of(path):
    with open(path, "rb") as f:
        return [line for line in f.read().split(b"\n") if line and line != b"{}"]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("orch")
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--runs", type=int, default=2)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    o = options.parse_args()
    orch = os.path.abspath(o.orch)
    dice = random.Random(o.seed)
    print(f"seed {o.seed}", flush=True)
    problems = []
    with Workplace() as place, Engine(os.path.join(place, "engine")) as engine:
        agent = Agent(orch, os.path.join(place, "data"), engine.socket).start()
        events = os.path.join(place, "events")
        reader = subprocess.Popen([orch, "event", "stream", "-json", "-index", "1", "-address", f"http://127.0.0.1:{agent.port}"],
                                  stdout=open(events, "wb"), stderr=subprocess.DEVNULL)
        try:
            for number in range(o.runs):
                run = Run(agent, engine, place, dice, o.kills // o.runs)
                run.walk()
                problems += run.problems
                problems += replay_equals_live(agent, orch, place)
            all_events = subprocess.run([orch, "event", "stream", "-json", "-no-follow", "-index", "1", "-address",
                                         f"http://127.0.0.1:{agent.port}"], stdout=subprocess.PIPE, check=True).stdout
            expected = [line for line in all_events.split(b"\n") if line]
            wait_for("the reader of the event stream to have all", lambda: len(lines_of(events)) >= len(expected), 30)
            got = lines_of(events)
            if got[:len(expected)] != expected:
                different = next(i for i in range(len(expected)) if got[i] != expected[i])
                problems.append(f"the resumed reader saw other events: {got[different][:300]} instead of {expected[different][:300]}")
            print(f"the reader saw all {len(expected)} records' events", flush=True)
        finally:
            reader.terminate()
            reader.wait()
            agent.stop()
        assert not problems, "\n".join(problems)
    print("nothing was lost")


if __name__ == "__main__":
    main()
