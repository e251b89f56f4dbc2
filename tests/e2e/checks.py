"""What must hold between orch, the engine, the log and its readers."""
import json
import os
import socket
import subprocess

from cluster import Agent, wait_for


def running_of(agent, job="example"):
    return sum(a["ClientStatus"] == "running" for a in agent.get(f"/v1/job/{job}/allocations") or [])


def deployment_is(agent, status, version, job="example"):
    deployment = agent.get(f"/v1/job/{job}/deployment")
    return deployment is not None and deployment["Status"] == status and deployment["JobVersion"] == version


def addresses(agent, job="example"):
    """Address and port of each running allocation's label db."""
    out = []
    for listed in agent.get(f"/v1/job/{job}/allocations"):
        if listed["ClientStatus"] == "running" and listed["DesiredStatus"] == "run":
            alloc = agent.get("/v1/allocation/" + listed["ID"])
            network = alloc["TaskResources"]["redis"]["Networks"][0]
            out.append((network["IP"], network["DynamicPorts"][0]["Value"]))
    return out


def pong(address):
    try:
        with socket.create_connection(address, timeout=5) as s:
            s.sendall(b"PING\r\n")
            return s.recv(64).startswith(b"+PONG")
    except OSError as error:
        print(f"  {address}: {error}", flush=True)
        return False


def redis_answers(agent):
    for address in addresses(agent):
        wait_for(f"redis on {address} to answer PING", lambda: pong(address), 10)


def differences_with_engine(agent, engine):
    """The engine's containers against orch's allocations, both ways."""
    out = []
    containers = engine.containers()
    known = set()
    for listed in agent.get("/v1/allocations"):
        if listed["JobID"] != "example":
            continue
        name = "redis-" + listed["ID"]
        known.add(name)
        container = containers.get(name)
        running = container is not None and container["running"]
        if (listed["ClientStatus"] == "running") != running:
            out.append(f"allocation {listed['ID'][:8]} is {listed['ClientStatus']}, its container is {container}")
        if running:
            image = agent.get("/v1/allocation/" + listed["ID"])["Job"]["TaskGroups"][0]["Tasks"][0]["Config"]["image"]
            if container["image"] != image:
                out.append(f"allocation {listed['ID'][:8]} runs {container['image']}, its job says {image}")
    out += [
        f"orch does not know the running container {name}"
        for name, c in containers.items()
        if c["running"] and name not in known
    ]
    return out


def compare_with_engine(agent, engine, when):
    """Differences that stay: both sides change while they are read, so they have a moment to agree."""
    last = []

    def agree():
        last[:] = differences_with_engine(agent, engine)
        return not last

    try:
        wait_for("orch and the engine to agree", agree, 20)
        return []
    except AssertionError:
        return [f"{when}: {difference}" for difference in last]


def replay_equals_live(agent, orch, place):
    """`orch replay` of a copy of the log gives the live hash at the live index."""
    out = []
    live = agent.get("/v1/orch/state")
    done = subprocess.run([orch, "replay", agent.data_dir], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=dict(os.environ, ORCH_ADDR=f"http://127.0.0.1:{agent.port}"))
    print(done.stdout, end="", flush=True)
    if done.returncode != 0 or live["Hash"] not in done.stdout:
        out.append(f"replay does not give the live state's hash {live['Hash']}: {done.stdout}")
    return out


def reader_saw_all(agent, path):
    """What a reader of the event stream wrote to `path` while the cluster lived, against what the log holds at last."""
    asked = [
        agent.orch,
        "event",
        "stream",
        "-json",
        "-no-follow",
        "-index",
        "1",
        "-address",
        f"http://127.0.0.1:{agent.port}",
    ]
    expected = [line for line in subprocess.run(asked, stdout=subprocess.PIPE, check=True).stdout.split(b"\n") if line]

    def lines():
        with open(path, "rb") as f:
            return f.read().split(b"\n")[:-1]

    wait_for("the reader of the event stream to have all", lambda: len(lines()) >= len(expected), 30)
    got = lines()
    for number, (theirs, ours) in enumerate(zip(got, expected)):
        if theirs != ours:
            return [f"the reader saw at line {number + 1} {theirs[:300]} instead of {ours[:300]}"]
    print(f"the reader of the event stream saw all {len(expected)} records' events", flush=True)
    return []


ANSWERS = [
    "/v1/jobs",
    "/v1/allocations",
    "/v1/evaluations",
    "/v1/deployments",
    "/v1/nodes",
    "/v1/services",
    "/v1/orch/history",
    "/v1/event/stream?index=1&follow=false",
]


def all_answers(orch, data):
    """What a server alone answers from a data folder, by path."""
    agent = Agent(orch, data, mode=["-server"]).start()
    try:
        out = {path: agent.request("GET", path)[2] for path in ANSWERS}
        for kind, path in (
            ("/v1/jobs", "/v1/job/"),
            ("/v1/allocations", "/v1/allocation/"),
            ("/v1/evaluations", "/v1/evaluation/"),
            ("/v1/deployments", "/v1/deployment/"),
            ("/v1/nodes", "/v1/node/"),
        ):
            for listed in (json.loads(out[kind]) or [])[-40:]:
                out[path + listed["ID"]] = agent.request("GET", path + listed["ID"])[2]
                if path == "/v1/job/":
                    for part in ("/versions", "/summary", "/evaluations", "/allocations", "/deployments"):
                        out[path + listed["ID"] + part] = agent.request("GET", path + listed["ID"] + part)[2]
        return out
    finally:
        agent.kill()
