"""Recorded commands and what they printed, compared with what orch prints.

Ids, times, lengths of time, indexes and measured figures differ from run to run. They are masked for the comparison of
shape, and then compared by identity: one recorded id must stand for one of orch's ids throughout the transcript.
Runs of blanks count as one separator: columns are as wide as their widest cell.
"""
import re
from dataclasses import dataclass, field


@dataclass
class Step:
    words: str
    lines: list = field(default_factory=list)
    exit: int = 0


def parse(path, program="nomad"):
    steps, inside = [], False
    with open(path, encoding="utf-8") as text:
        for line in text.read().split("\n"):
            if line.startswith("$ "):
                steps.append(Step(re.sub(rf"^{program}\b", "", line[2:]).strip()))
                inside = True
            elif match := re.fullmatch(r"\[exit (\d+)\]", line):
                steps[-1].exit = int(match[1])
                inside = False
            elif inside:
                steps[-1].lines.append(line)
    for step in steps:
        step.lines = trimmed(step.lines)
    return steps


def trimmed(lines):
    lines = list(lines)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=[0-9a-f]*[0-9])[0-9a-f]{8}\b|\b[a-f]{8}\b")
MASKS = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\b(?:\d+[hmsd])+(?: ago| from now)"), "AGO"),
    (re.compile(r"(Uptime\s*= )\S+"), r"\1LENGTH"),
    (re.compile(r"(Job Modify Index: |-check-index |modify index:? )\d+"), r"\1INDEX"),
    (re.compile(r"\b\d+(?:\.\d+)? (?:B|KiB|MiB|GiB)/"), "SIZE/"),
    (re.compile(r"/\d+(?:\.\d+)? (?:GiB|TiB)"), "/SIZE"),
    (re.compile(r"\b\d+/\d+ MHz"), "USED MHz"),
    (re.compile(r"(\d+\.\d+\.\d+\.\d+):\d{5}\b"), r"\1:PORT"),
]
INDEX = re.compile(r"Job Modify Index: (\d+)")


def shape(line):
    for pattern, replacement in MASKS:
        line = pattern.sub(replacement, line)
    line = ID.sub("ID", line)
    return re.sub(r"(?<=\S)  +", "  ", re.sub(r" +=", " =", line)).rstrip()


class Comparison:
    """What has been learned so far: which of orch's ids stands for which recorded one."""

    def __init__(self):
        self.ids = {}

    def translate(self, words):
        for recorded, ours in self.ids.items():
            words = re.sub(rf"(?<!\S){re.escape(recorded)}(?!\S)", ours, words)
        return words

    def compare(self, recorded, actual, extra=(), replaced=()):
        """Differences, as lines. `extra`: patterns of lines that orch prints beyond Nomad's, anywhere.
        `replaced`: (pattern of a recorded line, pattern of orch's line instead; empty: none)."""
        out = []
        expected = []
        for line in recorded:
            for pattern, instead in replaced:
                if re.fullmatch(pattern, shape(line)):
                    line = None if instead == "" else ("re", instead)
                    break
            if line is not None:
                expected.append(line)
        printed = []
        for line in trimmed(actual):
            if any(re.fullmatch(pattern, line) for pattern in extra):
                continue
            printed.append(line)
        printed = squeeze(printed)
        expected = squeeze(expected)
        for i in range(max(len(expected), len(printed))):
            want = expected[i] if i < len(expected) else None
            got = printed[i] if i < len(printed) else None
            if want is None or got is None:
                out.append(f"line {i + 1}: expected {text_of(want)}, got {got!r}")
            elif isinstance(want, tuple):
                if not re.fullmatch(want[1], got):
                    out.append(f"line {i + 1}: expected the pattern {want[1]!r}, got {got!r}")
            elif shape(want) != shape(got):
                out.append(f"line {i + 1}: expected {shape(want)!r}, got {shape(got)!r}")
        return out if out else self.learn(expected, printed)

    def learn(self, expected, printed):
        out, i = [], 0
        while i < len(expected):
            end = i
            while (
                end < len(expected)
                and isinstance(expected[end], str)
                and shape(expected[end]) == shape(expected[i] if isinstance(expected[i], str) else "")
            ):
                end += 1
            end = max(end, i + 1)
            left = list(printed[i:end])
            # Lines of one shape may stand in another order: those whose ids are known find theirs first.
            lines = [line for line in expected[i:end] if isinstance(line, str)]
            for line in sorted(lines, key=lambda l: -sum(word in self.ids for word in ID.findall(l))):
                match = next((got for got in left if self.fits(line, got)), None)
                if match is None:
                    out.append(
                        f"ids of {line!r} fit none of {left!r}, "
                        f"known: {[(w, self.ids.get(w)) for w in ID.findall(line)]}"
                    )
                    continue
                left.remove(match)
                self.ids.update(zip(ID.findall(line), ID.findall(match)))
                if index := INDEX.search(line):
                    self.ids[index[1]] = INDEX.search(match)[1]
            i = end
        return out

    def fits(self, line, got):
        theirs, ours = ID.findall(line), ID.findall(got)
        taken = {v: k for k, v in self.ids.items()}
        return all(self.ids.get(a, b) == b and taken.get(b, a) == a for a, b in zip(theirs, ours))


def squeeze(lines):
    """Without blank lines at the ends and doubled ones: where added lines stood there is one."""
    out = []
    for line in lines:
        if line == "" and (not out or out[-1] == ""):
            continue
        out.append(line)
    while out and out[-1] == "":
        out.pop()
    return out


def text_of(want):
    return "nothing" if want is None else repr(want[1] if isinstance(want, tuple) else want)
