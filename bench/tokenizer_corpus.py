"""The text of the tokenizer benchmark: English and Chinese documents from LF_SHARED/data, and new ones made of their sentences.

Every string of conversation, answer or article length is a document as it stands. Further documents are made of sentences drawn by a seeded
generator from all documents of the same language (so no document and no order of sentences repeats), until `size` bytes are reached.
"""
import json, os, pathlib, random, re

DATA = pathlib.Path(os.environ.get("LF_SHARED", pathlib.Path(__file__).resolve().parent.parent.parent / "shared")) / "data"
SENTENCE = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]+\s*|[^.!?。！？\n]+$")
SEED = 20


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def originals():
    """Texts of the demo data, each once, in the order of the files."""
    seen = {}
    for path in sorted(DATA.glob("*.json")) + sorted(DATA.glob("*.jsonl")):
        if path.name in ("dataset_info.json", "mllm_demo.json"):
            continue
        text = path.read_text(encoding="utf-8")
        rows = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines() if line.strip()]
        for string in strings(rows):
            if len(string) >= 40:
                seen[string] = None
    for path in DATA.glob("*.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if len(line) >= 40:
                seen[line] = None
    return list(seen)


def is_chinese(text):
    return sum("\u4e00" <= c <= "\u9fff" for c in text) * 4 > len(text)


def build(size):
    """Documents of together at least `size` bytes, and how many of them are originals. Two fifths of the bytes are Chinese documents."""
    documents = originals()
    if not documents:
        raise SystemExit(f"{DATA}: no demo data there (LF_SHARED says where the shared folder stands)")
    count = len(documents)
    bytes_of = {True: 0, False: 0}
    pools = {True: [], False: []}
    lengths = {True: [], False: []}
    for document in documents:
        chinese = is_chinese(document)
        sentences = SENTENCE.findall(document)
        pools[chinese] += sentences
        lengths[chinese].append(len(sentences))
        bytes_of[chinese] += len(document.encode())
    draw = random.Random(SEED)
    while sum(bytes_of.values()) < size:
        chinese = bytes_of[True] < 0.4 * sum(bytes_of.values())
        document = "".join(draw.choices(pools[chinese], k=draw.choice(lengths[chinese])))
        documents.append(document)
        bytes_of[chinese] += len(document.encode())
    draw.shuffle(documents)
    return documents, count


if __name__ == "__main__":
    import collections, sys

    documents, count = build(int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 20_000_000)
    sizes = [len(d.encode()) for d in documents]
    words = collections.Counter(w for d in documents for w in d.split())
    print(len(documents), "documents,", count, "originals,", sum(sizes), "bytes, Chinese bytes:", sum(s for d, s in zip(documents, sizes) if is_chinese(d)),
          "different words:", len(words), "longest:", max(sizes))
