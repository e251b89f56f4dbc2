"""Recorded requests and answers of an HTTP API, and how an answer of orch is compared with one.

A recorded answer holds what every client may rely on: each of its JSON fields must be there with the same type, null
where it is null, and with the same value where the value says something. Ids, times, indexes and measured figures
differ from run to run: of these only the kind is compared (an id is an id or empty, zero stays zero). orch may have
fields beyond.
"""

import fnmatch
import json
import re
from dataclasses import dataclass, field

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
ADDRESS = re.compile(r"127\.0\.0\.1:\d+")
TIME_KEY = re.compile(r"(?:Time|Timestamp|At|ModTime|RequireProgressBy|LastRestart)$")
INDEX_KEY = re.compile(r"Index$")
MORE = "\u2026"  # the last element of a list that was cut off
CUT = re.compile(r"\n?… \(\d+ characters in all\)$")


@dataclass
class Exchange:
    method: str
    path: str
    note: str = ""
    body: str = ""
    status: int = 200
    headers: dict = field(default_factory=dict)
    answer: str = ""
    cut: bool = False

    @property
    def name(self):
        return f"{self.method} {self.path}" + (f" ({self.note})" if self.note else "")


def parse_exchanges(path):
    """`### METHOD PATH  (note)`, `> body`, `< status Header=value …`, then the answer's body up to the next heading."""
    out = []
    with open(path, encoding="utf-8") as text:
        for block in re.split(r"^### ", text.read(), flags=re.M)[1:]:
            heading, _, rest = block.partition("\n")
            method, target, note = re.fullmatch(r"(\w+) (\S+)(?:\s+\((.*)\))?", heading).groups()
            made = Exchange(method, target, note or "")
            if rest.startswith("> "):
                made.body, _, rest = rest[2:].partition("\n")
            head, _, rest = rest[2:].partition("\n")
            made.status = int(head.split()[0])
            made.headers = dict(re.findall(r"([\w-]+)=(.*?)(?= [A-Z][\w-]+=|$)", head))
            made.answer = re.sub(r"\n+\(answered after [\d.]+ s\)$", "", rest.rstrip("\n"))
            made.cut = CUT.search(made.answer) is not None
            made.answer = CUT.sub("", made.answer)
            out.append(made)
    return out


def read_json(text, cut):
    """The recorded JSON; of a text that was cut off, all up to the last whole member, lists marked as going on."""
    if not cut:
        return json.loads(text)
    # Where a value has just ended, what is open can be closed; try from the end.
    for end in range(len(text), 0, -1):
        if text[end - 1] not in ",\n":
            continue
        head = text[:end].rstrip().rstrip(",")
        stack, inside, escaped = [], False, False
        for c in head:
            if inside:
                escaped, inside = (c == "\\" and not escaped), not (c == '"' and not escaped)
            elif c == '"':
                inside, escaped = True, False
            elif c in "{[":
                stack.append("}" if c == "{" else "]")
            elif c in "}]":
                stack.pop()
        try:
            ends, first = "", head.endswith(("[", "{"))
            for bracket in reversed(stack):
                ends += ("" if first else ",") + json.dumps(MORE) + "]" if bracket == "]" else "}"
                first = False
            return json.loads(head + ends)
        except ValueError:
            continue
    raise ValueError("nothing of the recorded answer can be read")


@dataclass
class Rule:
    kind: str
    request: str
    argument: str
    reason: str
    used: bool = False


class Rules:
    """The list file: one rule a line, `kind | request pattern | argument | reason`."""

    KINDS = ("later", "status", "text", "field", "value", "null", "free")

    def __init__(self, path):
        self.rules = []
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip() or line.startswith("#"):
                    continue
                parts = [part.strip().replace("\\|", "|") for part in re.split(r"(?<!\\)\|", line)]
                assert (
                    len(parts) == 4 and parts[0] in self.KINDS and parts[3]
                ), f"{path}:{number}: not a rule: {line.strip()}"
                self.rules.append(Rule(*parts))

    def find(self, kind, request):
        """The rules of a kind for a request, which is its name and its body."""
        return [r for r in self.rules if r.kind == kind and fnmatch.fnmatchcase(request, r.request.replace("[", "[[]"))]

    def first(self, kind, request):
        found = self.find(kind, request)
        if found:
            found[0].used = True
        return found[0] if found else None

    def unused(self):
        return [r for r in self.rules if not r.used]


class Comparison:
    """Of one answer. `ids` learns which of orch's ids stands for which recorded one."""

    def __init__(self, rules, request, ids):
        self.ids, self.problems = ids, []
        self.by_kind = {kind: rules.find(kind, request) for kind in ("field", "value", "null", "free")}

    def ruled(self, kind, path):
        for rule in self.by_kind[kind]:
            if fnmatch.fnmatchcase(path, rule.argument.replace("[", "[[]")):
                rule.used = True
                return True
        return False

    def wrong(self, path, want, got):
        shown = json.dumps(got)
        self.problems.append(f"{path}: expected {want}, got {shown if len(shown) < 120 else shown[:117] + '...'}")

    def compare(self, recorded, ours, path="$", key=""):
        if recorded is None:
            if ours is not None and not self.ruled("null", path):
                self.wrong(path, "null", ours)
        elif isinstance(recorded, dict):
            self.compare_objects(recorded, ours, path)
        elif isinstance(recorded, list):
            self.compare_lists(recorded, ours, path)
        elif isinstance(recorded, bool) or isinstance(recorded, str):
            if type(ours) is not type(recorded):
                self.wrong(path, "true or false" if isinstance(recorded, bool) else "text", ours)
            elif ours != recorded and not self.same_kind(recorded, ours, key) and not self.ruled("value", path):
                self.wrong(path, json.dumps(recorded), ours)
        elif not self.number(recorded, ours):
            self.wrong(path, "a whole number" if isinstance(recorded, int) else "a number", ours)
        elif ours != recorded and not self.passing_figure(recorded, ours, key) and not self.ruled("value", path):
            self.wrong(path, json.dumps(recorded), ours)

    @staticmethod
    def number(recorded, ours):
        # A client that reads a whole number cannot read a fraction; the other way round it can.
        return not isinstance(ours, bool) and isinstance(ours, int if isinstance(recorded, int) else (int, float))

    @staticmethod
    def passing_figure(recorded, ours, key):
        if INDEX_KEY.search(key) or TIME_KEY.search(key):
            return (recorded == 0) == (ours == 0)
        return False

    def same_kind(self, recorded, ours, key):
        if UUID.fullmatch(str(recorded)) and UUID.fullmatch(str(ours)):
            return self.ids.setdefault(recorded, ours) == ours or True
        if ADDRESS.fullmatch(str(recorded)) and ADDRESS.fullmatch(str(ours)):
            return recorded.split(":")[0] == ours.split(":")[0]
        if MOMENT.fullmatch(str(recorded)) and MOMENT.fullmatch(str(ours)):
            return recorded.startswith("0001-") == ours.startswith("0001-")
        return False

    def compare_objects(self, recorded, ours, path):
        if not isinstance(ours, dict):
            return self.wrong(path, "an object", ours)
        if self.ruled("free", path):
            # A map whose keys are made by the machine: each of ours must be like some recorded one.
            for name, value in ours.items():
                self.like_one_of(list(recorded.values()), value, f"{path}.{name}")
            return None
        for name, value in recorded.items():
            inner = f"{path}.{name}"
            if name in ours:
                if not self.ruled("field", inner):
                    self.compare(value, ours[name], inner, name)
            elif not self.ruled("field", inner):
                self.problems.append(f"{inner}: is not there")
        return None

    def compare_lists(self, recorded, ours, path):
        if not isinstance(ours, list):
            return self.wrong(path, "a list", ours)
        if self.ruled("free", path):
            for i, value in enumerate(ours):
                self.like_one_of([r for r in recorded if r != MORE], value, f"{path}[{i}]")
            return None
        if recorded and recorded[-1] == MORE:
            recorded = recorded[:-1]
            if len(ours) < len(recorded):
                return self.wrong(path, f"a list of {len(recorded)} or more", ours)
        elif len(ours) != len(recorded):
            return self.wrong(path, f"a list of {len(recorded)}", ours)
        names = [v.get("Name") if isinstance(v, dict) else None for v in recorded]
        if recorded and all(names):  # what has a name is found by it
            ours = sorted(ours, key=lambda v: names.index(v.get("Name")) if v.get("Name") in names else len(names))
        for i, value in enumerate(recorded):
            self.compare(value, ours[i], f"{path}[{i}]")
        return None

    def like_one_of(self, recorded, value, path):
        fewest = None
        for sample in recorded:
            trial = Comparison.__new__(Comparison)
            trial.ids, trial.problems, trial.by_kind = dict(self.ids), [], self.by_kind
            trial.compare(sample, value, path)
            if fewest is None or len(trial.problems) < len(fewest):
                fewest = trial.problems
            if not fewest:
                break
        self.problems += fewest or []
