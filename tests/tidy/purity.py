#!/usr/bin/env python3
"""Proves that core is pure: its archives may import only what this list allows.

No clock, random numbers, files, sockets, threads or environment can be reached without a symbol, so a symbol that is
not listed fails the test by name. Usage: purity.py ARCHIVE...
"""

import re
import subprocess
import sys

ALLOWED = [
    r"orch::",
    r"(vtable|typeinfo|typeinfo name|VTT|guard variable) for (orch::|std::exception|std::bad_|__cxxabiv1)",
    # memory and text
    r"operator (new|delete)(\[\])?\(",
    r"mem(chr|cmp|cpy|move|set)$",
    r"str(cmp|len|ncmp|ncpy|chr|rchr|error_r)$",
    r"isalnum$",
    r"isalpha$",
    r"isxdigit$",
    r"isdigit$",
    r"tolower$",
    r"toupper$",
    r"strto(d|ll|ull|ul|l|d_l|ll_l|ull_l)$",
    r"vsnprintf$",
    r"snprintf$",
    r"__v?snprintf_chk$",
    r"__divti3$",
    r"__udivti3$",
    r"__umodti3$",
    # the language's own: exceptions, assertions, statics
    r"_Unwind_Resume$",
    r"__cxa_",
    r"__gxx_personality_v0$",
    r"__stack_chk_fail$",
    r"abort$",
    r"__assert_fail$",
    r"__errno_location$",
    r"_GLOBAL_OFFSET_TABLE_$",
    r"__dso_handle$",
    r"__libc_single_threaded$",
    r"__tls_get_addr$",
    r"std::nothrow$",
    r"std::terminate\(\)",
    # containers, texts and numbers of the standard library
    r"std::__cxx11::(basic_string|to_string)",
    r"std::(allocator|__throw_|_Rb_tree_|_Hash_bytes|__detail::_Prime_rehash_policy|__detail::_List_node_base)",
    r"std::(from|to)_chars\(",
    r"std::(exception|bad_alloc|logic_error|length_error|out_of_range)::",
    r"std::bad_(function_call|expected_access|variant_access|optional_access)::",
    r"std::__glibcxx_assert_fail",
    r"std::ctype<char>",
    r"std::basic_string_view",
    # named exceptions of the design: RE2 is linear in time and has no state, FlatBuffers and Boost.JSON work on memory
    r"re2::RE2::",
    r"re2::StringPiece",
    r"flatbuffers::",
    r"boost::(json|system|container|source_location|throw_exception)",
    r"boost::.*error",
    # fmt puts texts together in memory; fmt::print and what takes a locale are not on the list
    r"fmt::v\d+::vformat\[abi:cxx11\]\(fmt::v\d+::basic_string_view<char>",
    r"fmt::v\d+::detail::(vformat_to<char>|buffer<char>::append|error_handler::on_error|throw_format_error)\(",
    # sanitizers, in builds that have them
    r"__(asan|ubsan|tsan|sanitizer|lsan)_",
]
PATTERN = re.compile("|".join(f"(?:{p})" for p in ALLOWED))


def symbols(archive, which):
    out = subprocess.run(["nm", "-C", which, archive], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        match = re.match(r"^[0-9a-f ]*\s([A-Za-z]) (.*)$", line)
        if match:
            yield match.group(1), match.group(2)


def main():
    bad = []
    for archive in sys.argv[1:]:
        defined = {name for kind, name in symbols(archive, "--defined-only")}
        for kind, name in symbols(archive, "--undefined-only"):
            name = name.removeprefix("non-virtual thunk to ")
            if name not in defined and not PATTERN.match(name):
                bad.append(f"{archive}: {name}")
    for line in sorted(set(bad)):
        print("imports what core may not:", line)
    print(f"{len(sys.argv) - 1} archives, {len(set(bad))} forbidden imports")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
