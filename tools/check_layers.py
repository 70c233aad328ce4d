#!/usr/bin/env python3
"""Reads the #include lines under src/ and fails on an arrow that cmake/rooms.cmake does not allow, on torch/torch.h anywhere, on
custom_function.h outside kernels/autograd_*.cpp, and on private headers (*_impl.h) used from another room."""
import os, re, sys

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def allowed_arrows() -> dict[str, set[str]]:
    arrows = {}
    for name, rest in re.findall(r"^lf_room\((\w+)\s*([^)]*)\)", open(os.path.join(root, "cmake/rooms.cmake")).read(), re.M):
        uses = rest.split("USES", 1)[1].split() if "USES" in rest else []
        arrows[name] = {name, "base", *uses}
    return arrows


def main() -> int:
    arrows, problems = allowed_arrows(), []
    src = os.path.join(root, "src")
    for folder, _, files in os.walk(src):
        for file in sorted(files):
            path = os.path.relpath(os.path.join(folder, file), src)
            room = path.split(os.sep)[0]
            if room not in arrows:
                problems.append(f"src/{path}: room '{room}' is not in cmake/rooms.cmake")
                continue
            for number, line in enumerate(open(os.path.join(src, path)), 1):
                match = re.match(r'\s*#\s*include\s*([<"])([^">]+)', line)
                if not match:
                    continue
                kind, target = match.groups()
                where, other = f"src/{path}:{number}", target.split("/")[0]
                if target == "torch/torch.h":
                    problems.append(f"{where}: torch/torch.h is slow to compile and used nowhere")
                if target.endswith("autograd/custom_function.h") and not re.match(r"kernels/autograd_\w+\.cpp$", path):
                    problems.append(f"{where}: custom_function.h belongs into kernels/autograd_*.cpp")
                if kind == '"' and other in arrows:
                    if other not in arrows[room]:
                        problems.append(f"{where}: {room} may not include {other} (allowed: {', '.join(sorted(arrows[room]))})")
                    elif target.endswith("_impl.h") and other != room:
                        problems.append(f"{where}: {target} is private to {other}")
    for problem in problems:
        print(problem)
    print(f"layers: {len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
