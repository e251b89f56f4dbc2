#!/usr/bin/env python3
"""Writes schemas as one C++ text, in the order given, those that are included first.

    record_schema.py OUT SCHEMA...
"""
import pathlib
import sys

out, schemas = pathlib.Path(sys.argv[1]), [pathlib.Path(p) for p in sys.argv[2:]]
lines = [line for path in schemas for line in path.read_text().splitlines() if not line.startswith("include ")]
begin = '#pragma once\n\nnamespace orch::cli {\n\ninline constexpr char record_schema[] = R"fbs(\n'
out.write_text(begin + "\n".join(lines) + '\n)fbs";\n\n}  // namespace orch::cli\n')
