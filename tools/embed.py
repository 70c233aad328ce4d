#!/usr/bin/env python3
"""Writes a C++ file that holds the given files as string literals: embed.py OUT.cpp NAME FILE..."""
import os, sys

out, name, files = sys.argv[1], sys.argv[2], sys.argv[3:]
CHUNK = 8000  # compilers bound the length of one literal


def literal(data: bytes) -> str:
    parts = []
    for start in range(0, len(data), CHUNK):
        text = "".join(f"\\{b:03o}" if b < 32 or b > 126 or b in b'\\"?' else chr(b) for b in data[start : start + CHUNK])
        parts.append(f'"{text}"')
    return "\n    ".join(parts) or '""'


with open(out, "w") as f:
    f.write('#include "base/embedded.h"\n\nnamespace lf {\n')
    f.write(f"std::span<const EmbeddedFile> embedded_{name}() {{\n  using namespace std::string_view_literals;\n")
    f.write(f"  static const EmbeddedFile kFiles[] = {{\n")
    for path in sorted(files):
        data = open(path, "rb").read()
        f.write(f'    {{"{os.path.splitext(os.path.basename(path))[0]}", std::string_view({literal(data)}, {len(data)})}},\n')
    f.write('    {"", ""}};\n')
    f.write(f"  return std::span<const EmbeddedFile>(kFiles, {len(files)});\n}}\n}}  // namespace lf\n")
