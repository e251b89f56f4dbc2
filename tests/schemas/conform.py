#!/usr/bin/env python3
"""Today's schemas must read what every released version wrote, and must call things by the same names.

    conform.py FLATC CURRENT_FOLDER RELEASED_FOLDER...

A field keeps its place, name, type, default and attributes; a struct keeps its fields and gets no others; a word of an
enum or a member of a union keeps its name and number; a file keeps its root, identifier and namespace; nothing goes.
What comes new comes behind, and is not required. `flatc --conform` is asked as well, but it does not see renames,
structs that grow, words that go, defaults and attributes that change, nor another identifier. That each of these is
noticed is tried on copies that are broken on purpose; what is said then is printed.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FILES = ["job.fbs", "node.fbs", "task.fbs", "services.fbs", "record.fbs"]


class Schema:
    """Tables and structs as name -> [(field, what it is)] by id; enums and unions as name -> {word: number}; of a file
    its root, identifier and namespace."""

    def __init__(self, folder):
        text = "\n".join((folder / name).read_text() for name in FILES)
        text = re.sub(r"//[^\n]*", "", text)
        self.tables, self.structs, self.words = {}, {}, {}
        self.of_file = {word: sorted(set(re.findall(rf"\b{word}\s+([^;]+);", text)))
                        for word in ["root_type", "file_identifier", "namespace"]}
        for kind, name, body in re.findall(r"\b(table|struct)\s+(\w+)\s*\{([^}]*)\}", text):
            (self.tables if kind == "table" else self.structs)[name] = self.fields(name, body)
        for kind, name, body in re.findall(r"\b(enum|union)\s+(\w+)[^{]*\{([^}]*)\}", text):
            number = 0 if kind == "enum" else 1
            words = self.words[name] = {}
            for word in filter(None, (w.strip() for w in body.split(","))):
                word, _, value = (part.strip() for part in word.partition("="))
                number = int(value) if value else number
                words[word] = number
                number += 1

    @staticmethod
    def fields(table, body):
        found = {}
        lines = re.findall(r"(\w+)\s*:\s*([\[\]\w]+)\s*(?:=\s*([^(;]+?))?\s*(?:\(([^)]*)\))?\s*;", body)
        for place, (name, type_, default, attributes) in enumerate(lines):
            given = dict(re.findall(r'(\w+)\s*:\s*("[^"]*"|\w+)', attributes))
            place = int(given.pop("id", place))
            flags = re.sub(r'\w+\s*:\s*("[^"]*"|\w+)', "", attributes)
            assert place not in found, f"{table}: two fields have the id {place}"
            found[place] = (name, {"type": type_, "default": default or given.get("default_text", "none"),
                                   "nested buffer": given.get("nested_flatbuffer", "none"),
                                   "list of attributes": " ".join(sorted(re.findall(r"\w+", flags))) or "none"})
        return found


def differences(now, then):
    for name, fields in {**then.tables, **then.structs}.items():
        new = {**now.tables, **now.structs}.get(name)
        if new is None or (name in now.tables) != (name in then.tables):
            yield f"{name} is gone"
            continue
        names_now = {field: place for place, (field, _) in new.items()}
        names_then = {field for field, _ in fields.values()}
        for place, (field, what) in fields.items():
            moved = place not in new or field in names_now or new[place][0] in names_then
            if moved and new.get(place, [None])[0] != field:
                there = f"now has the place {names_now[field]}" if field in names_now else "is gone"
                yield f"{name}.{field} at place {place} {there}"
            elif new[place][0] != field:
                yield f"{name}.{field} at place {place} is called {new[place][0]} now"
            else:
                for part, old in what.items():
                    if new[place][1][part] != old:
                        yield f"{name}.{field}: its {part} was {old} and is {new[place][1][part]}"
        for place, (field, what) in new.items():
            if place not in fields and "required" in what["list of attributes"]:
                yield f"{name}.{field} is new and required: old records do not have it"
        if name in then.structs and len(new) > len(fields):
            yield f"{name} is a struct and has grown: its bytes in old records are fewer"
    for name, words in then.words.items():
        for word, number in words.items():
            if now.words.get(name, {}).get(word) != number:
                yield f"{name}.{word} was {number} and is {now.words.get(name, {}).get(word, 'gone')}"
    for word, said in then.of_file.items():
        if now.of_file[word] != said:
            yield f"{word} was {', '.join(said)} and is {', '.join(now.of_file[word]) or 'gone'}"


def refusals(flatc, current, released):
    found = list(differences(Schema(current), Schema(released)))
    done = subprocess.run([flatc, "--conform", str(released / "record.fbs"), "--conform-includes", str(released),
                           str(current / "record.fbs")], capture_output=True, text=True)
    if done.returncode != 0:
        found.append("flatc: " + " ".join((done.stdout + done.stderr).split()))
    return found


# What is done to the schemas on purpose, in which file, and what must then be said.
BROKEN = [
    ("a field is renamed", "job.fbs", "  kill_timeout:long = 5000000000 (id: 8);", "  grace:long = 5000000000 (id: 8);",
     "Task.kill_timeout at place 8 is called grace now"),
    ("a field is removed", "record.fbs", "  enforce_index:bool;", "",
     "RegisterJob.enforce_index at place 1 is gone"),
    ("a field is put in between", "record.fbs", "table DeregisterJob {\n", "table DeregisterJob {\n  reason:string;\n",
     "DeregisterJob.job_id at place 0 now has the place 1"),
    ("a default is changed", "job.fbs", "  priority:int = 50 ", "  priority:int = 60 ",
     "Job.priority: its default was 50 and is 60"),
    ("a default of a text is changed", "job.fbs", 'default_text: "global"', 'default_text: "everywhere"',
     'Job.region: its default was "global" and is "everywhere"'),
    ("a field gets another type", "record.fbs", "  job_modify_index:ulong;", "  job_modify_index:string;",
     "RegisterJob.job_modify_index: its type was ulong and is string"),
    ("a field becomes one that may be unset", "job.fbs", "  priority:int = 50 ", "  priority:int = null ",
     "Job.priority: its default was 50 and is null"),
    ("a struct grows", "record.fbs", "  flags:uint; ", "  flags:uint;\n  leader:ulong; ",
     "Stamp is a struct and has grown: its bytes in old records are fewer"),
    ("a word of an enum goes", "task.fbs", "  dead = 2,\n", "", "TaskLife.dead was 2 and is gone"),
    ("a command is put in between", "record.fbs", "union Command {\n", "union Command {\n  Placements,\n",
     "Command.RegisterJob was 1 and is 2"),
    ("a nested buffer becomes another table", "record.fbs", '(nested_flatbuffer: "TaskStates"',
     '(nested_flatbuffer: "Job"',
     'ReportedTasks.states: its nested buffer was "TaskStates" and is "Job"'),
    ("a field becomes required", "record.fbs", "  actor:string; ", "  actor:string (required); ",
     "Group.actor: its list of attributes was none and is required"),
    ("a field that comes is required", "record.fbs", "table RaiseRules {\n  version:ushort;\n",
     "table RaiseRules {\n  version:ushort;\n  note:string (required);\n",
     "RaiseRules.note is new and required: old records do not have it"),
    ("a field is deprecated", "record.fbs", "  purge:bool;", "  purge:bool (deprecated);",
     "DeregisterJob.purge: its list of attributes was none and is deprecated"),
    ("records are called otherwise", "record.fbs", 'file_identifier "ORCG"', 'file_identifier "ORCH"',
     'file_identifier was "ORCG" and is "ORCH"'),
    ("a record begins with another table", "record.fbs", "root_type Group", "root_type Entry",
     "root_type was Group and is Entry"),
]
ALLOWED = [
    ("a field comes behind", "record.fbs", "table RaiseRules {\n  version:ushort;\n",
     "table RaiseRules {\n  version:ushort;\n  note:string;\n"),
    ("a field with a number comes, wherever it stands", "services.fbs", "table RunningCheck {\n",
     "table RunningCheck {\n  since:long (id: 4);\n"),
    ("a word comes behind", "task.fbs", "  dead = 2,\n", "  dead = 2,\n  frozen = 3,\n"),
]


def changed_copy(current, place, file, old, new):
    copy = pathlib.Path(place)
    for name in FILES:
        shutil.copy(current / name, copy / name)
    text = (copy / file).read_text()
    assert text.count(old) >= 1, f"{file} does not have {old!r}"
    (copy / file).write_text(text.replace(old, new, 1))
    return copy


def main():
    flatc, current, released = sys.argv[1], pathlib.Path(sys.argv[2]), [pathlib.Path(p) for p in sys.argv[3:]]
    assert released, "at least one released version"
    problems = []
    for then in released:
        problems += [f"not as {then.name} has it: {what}" for what in refusals(flatc, current, then)]
    for what, file, old, new, said in BROKEN:
        with tempfile.TemporaryDirectory() as place:
            found = refusals(flatc, changed_copy(current, place, file, old, new), current)
        print(f"{what}: {'; '.join(found) or 'NOT NOTICED'}")
        if said not in found:
            problems.append(f"{what}: expected to be refused with: {said}")
    for what, file, old, new in ALLOWED:
        with tempfile.TemporaryDirectory() as place:
            found = refusals(flatc, changed_copy(current, place, file, old, new), current)
        if found:
            problems.append(f"{what}, and is refused: {'; '.join(found)}")
    for problem in problems:
        print(problem)
    print(f"{len(released)} released versions, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
