"""Our Jinja engine against Python jinja2 with transformers' settings: a corpus of chat templates times contexts, and random templates
from a grammar. LF_JINJA_RENDERS=20000 (and LF_JINJA_SEED=n) runs the long form of the fuzz."""
import json, os, pathlib, subprocess, warnings

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("transformers")
import jinja_calls, jinja_grammar, jinja_oracle, jinja_sets

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "jinja"
CONTEXTS = json.loads((FIXTURES / "contexts.json").read_text())
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")


def own_templates():
    return {path.stem: path.read_text() for path in sorted((FIXTURES / "templates").glob("*.jinja"))}


def shared_templates(shared):
    """The templates that LLaMA-Factory exports, and those of published tokenizers."""
    golden = json.loads((shared / "golden/data/templates.json").read_text())["templates"]
    found = {f"llamafactory {name}": entry["jinja"] for name, entry in golden.items() if isinstance(entry["jinja"], str)}
    for path in sorted((shared / "tokenizers").glob("*/tokenizer_config.json*")):
        text = subprocess.run(["zstdcat", path], capture_output=True, check=True).stdout if path.suffix == ".zst" else path.read_bytes()
        template = json.loads(text).get("chat_template")
        if isinstance(template, str):
            found[f"tokenizer {path.parent.name}"] = template
    for path in sorted((shared / "golden/data").glob("*/*/chat_template.jinja")):
        found[f"golden {path.parent.parent.name}/{path.parent.name}"] = path.read_text()
    return found


def check(cases):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counts, differences = jinja_oracle.compare(cases)
    assert not differences, f"{len(differences)} differences, {counts}\n" + "\n\n".join(sorted(differences, key=len)[:5])
    return counts


def test_the_fixtures_are_what_python_renders():
    """expected.json, which the C++ test reads, is up to date."""
    expected = json.loads((FIXTURES / "expected.json").read_text())
    templates = own_templates()
    assert list(expected) == list(templates) and len(templates) >= 30 and len(CONTEXTS) >= 8
    for name, source in templates.items():
        for row, result in zip(expected[name], jinja_oracle.python_render(source, CONTEXTS), strict=True):
            if isinstance(result, Exception):
                assert row == {"error": str(result)}, name
            else:
                assert (row["output"], [tuple(r) for r in row["generations"]]) == result, name


def test_our_templates_render_as_in_python():
    counts = check([(source, CONTEXTS) for source in own_templates().values()])
    assert counts["same"] == len(own_templates()) * len(CONTEXTS)


def test_known_chat_templates_render_as_in_python(shared):
    templates = shared_templates(shared)
    assert len(templates) + len(own_templates()) >= 150
    counts = check([(source, CONTEXTS) for source in templates.values()])
    assert counts["same"] == len(templates) * len(CONTEXTS)


@pytest.mark.parametrize("cases, contexts", [(jinja_grammar.cases, 2), (jinja_calls.cases, 1)], ids=["templates", "calls"])
def test_random_templates_render_as_in_python(cases, contexts):
    renders, seed = int(os.environ.get("LF_JINJA_RENDERS", 2000)), int(os.environ.get("LF_JINJA_SEED", 1))
    compared = texts = 0
    while compared < renders:
        counts = check(cases(seed, min(renders - compared, 2000) // contexts + 1, contexts))
        compared, texts = compared + counts["same"], texts + counts["texts"]
        seed += 1000
    print(f"{compared} renders without a difference, {texts} of them texts")


def test_sets_are_walked_as_in_python():
    counts = check(jinja_sets.cases(int(os.environ.get("LF_JINJA_SEED", 1)), int(os.environ.get("LF_JINJA_RENDERS", 2000)) // 4))
    assert counts["texts"] >= 0.7 * (counts["same"] + counts["refused"] + counts["unstable"])


def test_the_chat_template_that_training_saves_renders_in_python(shared):
    """The Jinja text of each template gives the texts that the slots give, in Python, for conversations without tools and thoughts."""
    golden = json.loads((shared / "golden/data/templates.json").read_text())
    conversations = {c["id"]: c for c in golden["conversations"]}
    checked = 0
    for name, entry in golden["templates"].items():
        if not isinstance(entry["jinja"], str) or "Reasoning" in entry["template_class"]:
            continue
        for row in entry["cases"]:
            conversation = conversations[row["conversation"]]
            plain = all(m["role"] in ("user", "assistant") and "@T" not in m["content"] for m in conversation["messages"])
            if not plain or "tools" in conversation or "texts" not in row.get("multiturn", {}):
                continue
            system = [{"role": "system", "content": conversation["system"]}] if conversation.get("system") else []
            (result,) = jinja_oracle.python_render(entry["jinja"], [{"messages": system + conversation["messages"]}])
            assert not isinstance(result, Exception), (name, result)
            assert result[0] == "".join(row["multiturn"]["texts"]), (name, row["conversation"])
            checked += 1
    assert checked > 400
