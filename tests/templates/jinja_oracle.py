"""Jinja templates rendered by Python jinja2 with transformers' settings, and by our probe; and the comparison of the two."""
import contextlib, datetime, json, os, pathlib, pprint, re, resource, subprocess
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROBE = pathlib.Path(os.environ.get("LF_CLI", ROOT / "build/release/bin/llamafactory-cli")).parent / "jinja_probe"
NOW = (2025, 3, 7, 14, 5, 9)

# What our engine refuses by name although Python goes on: such renders are neither equal nor different.
REFUSED = re.compile(r"beyond 64 bits|64-bit integer|complex numbers|half a surrogate|not supported in chat templates|"
                     r"walking over the loop variable|out of range \(near|needs more than|makes a text of more|makes a list of|"
                     r"nested deeper|does not fit in 64 bits")

ADDRESS = re.compile("0x[0-9a-f]{9,}")


def compiled(source):
    from transformers.utils import chat_template_utils

    class Frozen(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(*NOW)

    chat_template_utils.datetime = Frozen
    return chat_template_utils._cached_compile_jinja_template(source)


@contextlib.contextmanager
def bounded_memory(more=2 << 30):
    """Python sets no bounds: a list of 10**12 items is a MemoryError here, not the end of the machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def python_render(source, contexts):
    """[(text, [(begin, end), ...]) or exception, ...]; the ranges are those of generation blocks, in characters."""
    try:
        template = compiled(source)
    except Exception as error:
        return [error] * len(contexts)
    results = []
    for context in contexts:
        blocks, ranges = [], []
        try:
            with template.environment.activate_tracker(blocks, ranges):
                for block in template.generate(**context):
                    blocks.append(block)
            results.append(("".join(blocks), ranges))
        except Exception as error:
            results.append(error)
    return results


def is_settled(key):
    """Whether Python's hash() of `key` is the same in each process."""
    return isinstance(key, (bool, int, float, range)) or (isinstance(key, tuple) and all(map(is_settled, key)))


def depends_on_the_process(source, context):
    """Whether Python's text may differ from process to process or release to release: the order of a set of strings, None ..., that
    of pprint for keys of one type that have no order, whether two equal texts or numbers are one object, or a memory address that was
    printed, if only into a variable."""
    template, seen = compiled(source), []

    class Watching(type(template.environment)):
        intercepted_binops = frozenset("-")

        def note(self, value):
            if isinstance(value, set) and len(value) > 1 and not all(map(is_settled, value)):
                seen.append(value)
            return value

        def call_binop(self, context, operator, left, right):
            return self.note(left - right)

        def call(self, *args, **kwargs):
            return self.note(super().call(*args, **kwargs))

    class Key(pprint._safe_key):
        def __lt__(self, other):
            try:
                return self.obj < other.obj
            except TypeError:
                seen.extend([self.obj] if type(self.obj) is type(other.obj) else [])
            return super().__lt__(other)

    def sameas(value, other):
        if type(value) is type(other) and isinstance(value, (str, int, float, tuple)) and value == other:
            seen.append(value)
        return value is other

    def printed(value):
        seen.extend(ADDRESS.findall(str(value).lower()))
        return value

    environment = Watching(extensions=list(map(type, template.environment.extensions.values())), trim_blocks=True, lstrip_blocks=True)
    environment.globals, environment.filters = template.environment.globals, template.environment.filters
    environment.finalize = printed
    environment.tests = {**template.environment.tests, "sameas": sameas}
    with mock.patch.object(pprint, "_safe_key", Key):
        try:
            environment.from_string(source).render(**context)
        except Exception:
            pass
    return bool(seen)


def our_renders(cases):
    """cases: [(source, contexts)] -> one list of answers of the probe for each."""
    assert PROBE.exists(), f"{PROBE} is missing: build the target jinja_probe"
    lines = [json.dumps({"template": source, "contexts": contexts, "now": NOW}) for source, contexts in cases]
    result = subprocess.run([str(PROBE)], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr[-2000:]
    answers = [json.loads(line) for line in result.stdout.split("\n") if line]
    grouped, at = [], 0
    for _, contexts in cases:
        grouped.append(answers[at:at + len(contexts)])
        at += len(contexts)
    assert at == len(answers)
    return grouped


def outcome(expected, ours):
    """'same', 'refused', 'unstable' (the text shows memory addresses, which differ from process to process) or the difference in words."""
    if isinstance(expected, Exception):
        if "error" in ours:
            return "same"
        return f"python raises {type(expected).__name__}: {expected}\n  ours gives {ours['output']!r}"
    text, ranges = expected
    if ADDRESS.search(text.lower()):
        return "unstable"
    if "error" in ours:
        return "refused" if REFUSED.search(ours["error"]) else f"python gives {text!r}\n  ours fails: {ours['error']}"
    if ours["output"] != text:
        return f"python gives {text!r}\n  ours gives  {ours['output']!r}"
    if [tuple(r) for r in ours["generations"]] != [tuple(r) for r in ranges]:
        return f"generation ranges: python {ranges}, ours {ours['generations']}"
    return "same"


def compare(cases):
    """-> ({'same': n, 'refused': n, 'unstable': n, 'texts': n}, [difference, ...]); 'texts' are those of 'same' that are no errors."""
    counts, differences = {"same": 0, "refused": 0, "unstable": 0, "texts": 0}, []
    answered = our_renders(cases)
    with bounded_memory():
        for (source, contexts), answers in zip(cases, answered):
            for context, expected, ours in zip(contexts, python_render(source, contexts), answers):
                result = outcome(expected, ours)
                if result not in counts and depends_on_the_process(source, context):
                    result = "unstable"
                if result in counts:
                    counts[result] += 1
                    counts["texts"] += result == "same" and not isinstance(expected, Exception)
                else:
                    differences.append(f"template: {source!r}\n  context: {json.dumps(context)[:600]}\n  {result}")
    return counts, differences
