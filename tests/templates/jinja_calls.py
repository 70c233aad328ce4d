"""Random calls of every method, filter and test, one in each template, so that no error hides another call."""
import random

PARTS = ["a", "b", "A", "ab", "ß", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2028", "-", ",", "<", ">", "&", "&amp;", "&#39;", "'", '"', "é", "1", "7", "0", ".", "_", "%", "%s", "{", "}", "{}", "{0!r:>5}", "İ", "ǆ", "漢", "\U0001f600", "</b>", "<!-- c -->", "http://x.y", "\\", "/", "?", "=", "e3", "0x", "+", "nan", "inf", "\x00", "\x1f", "̈"]
# Kinds of arguments: s text, S text or none, i int, w small int, c one character, b bool, l sequence, t texts, d mapping, a anything, p text or tuple of texts, n number, f name of a filter, q name of a test, r path.
METHODS = {
    "split": "Si", "rsplit": "Si", "strip": "S", "lstrip": "S", "rstrip": "S", "find": "sii", "rfind": "sii", "index": "sii", "rindex": "sii", "count": "sii", "startswith": "pii", "endswith": "pii", "replace": "ssi", "join": "t", "partition": "s", "rpartition": "s",
    "ljust": "wc", "rjust": "wc", "center": "wc", "zfill": "w", "expandtabs": "w", "splitlines": "b", "removeprefix": "s", "removesuffix": "s", "format": "aa", "upper": "", "lower": "", "title": "", "capitalize": "", "swapcase": "", "casefold": "",
    **{name: "" for name in ["isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "istitle", "isnumeric", "isdecimal", "isprintable", "isidentifier", "isascii"]}}
FILTERS = {
    "abs": ("n", ""), "attr": ("a", "name:s"), "batch": ("l", "linecount:w fill_with:a"), "capitalize": ("s", ""), "center": ("s", "width:w"), "count": ("l", ""), "d": ("a", "default_value:a boolean:b"), "default": ("a", "default_value:a boolean:b"), "dictsort": ("d", "case_sensitive:b by:k reverse:b"),
    "e": ("a", ""), "escape": ("s", ""), "filesizeformat": ("n", "binary:b"), "first": ("l", ""), "float": ("a", "default:a"), "forceescape": ("a", ""), "format": ("s", ""), "groupby": ("l", "attribute:r default:a case_sensitive:b"), "indent": ("s", "width:W first:b blank:b"), "int": ("a", "default:a base:w"),
    "items": ("d", ""), "join": ("l", "d:s attribute:r"), "last": ("l", ""), "length": ("l", ""), "list": ("l", ""), "lower": ("s", ""), "map": ("l", "f"), "max": ("l", "case_sensitive:b attribute:r"), "min": ("l", "case_sensitive:b attribute:r"), "pprint": ("a", ""), "reject": ("l", "q"), "rejectattr": ("l", "r q"),
    "replace": ("s", "old:s new:s count:i"), "reverse": ("l", ""), "round": ("n", "precision:w method:m"), "safe": ("a", ""), "select": ("l", "q"), "selectattr": ("l", "r q"), "slice": ("l", "slices:w fill_with:a"), "sort": ("l", "reverse:b case_sensitive:b attribute:r"), "string": ("a", ""), "striptags": ("s", ""),
    "sum": ("l", "attribute:r start:a"), "title": ("s", ""), "tojson": ("a", "ensure_ascii:b indent:W separators:t sort_keys:b"), "trim": ("s", "chars:S"), "truncate": ("s", "length:w killwords:b end:s leeway:w"), "unique": ("l", "case_sensitive:b attribute:r"), "upper": ("s", ""), "urlencode": ("a", ""), "wordcount": ("s", ""),
    "wordwrap": ("s", "width:w break_long_words:b wrapstring:S break_on_hyphens:b"), "xmlattr": ("d", "autospace:b")}
TESTS = {"boolean": "", "callable": "", "defined": "", "divisibleby": "n", "eq": "a", "escaped": "", "even": "", "false": "", "filter": "", "float": "", "ge": "n", "gt": "n", "in": "l", "integer": "", "iterable": "", "le": "n", "lower": "", "lt": "n", "mapping": "", "ne": "a", "none": "", "number": "", "odd": "", "sameas": "a",
         "sequence": "", "string": "", "test": "", "true": "", "undefined": "", "upper": ""}
LAZY = {"batch", "slice", "map", "select", "reject", "selectattr", "rejectattr", "items", "unique", "reverse"}


class Gen:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def text(self, most=7):
        return repr("".join(self.r.choices(PARTS, k=self.r.randint(0, most))))

    def value(self, kind):
        r = self.r
        if r.random() < 0.03:
            kind = "a"
        if kind == "s" or (kind == "S" and r.random() < 0.7) or (kind == "p" and r.random() < 0.6) or (kind == "W" and r.random() < 0.2):
            return self.text(r.choice([1, 2, 7])) + ("|safe" if r.random() < 0.03 else "")
        if kind == "S":
            return "none"
        if kind == "p":
            return f"({self.text(1)}, {self.text(2)})"
        if kind in "iwW":
            return str(r.choice([r.randint(-3, 8), r.randint(0, 14)]) if kind != "i" or r.random() < 0.95 else r.choice([-99, 10**12, -10**12]))
        return {"c": lambda: repr(r.choice(["-", "é", " ", "ab", ""])), "b": lambda: r.choice(["true", "false", "1", "0"]), "l": self.sequence, "t": self.texts, "d": self.mapping, "n": self.number, "a": self.anything, "k": lambda: r.choice(["'key'", "'value'"]), "m": lambda: r.choice(["'common'", "'ceil'", "'floor'"]),
                "r": lambda: r.choice(["'a'", "'b'", "0", "1", "'a.b'", "'a.0'", "'0'", "none", "'b,a'"])}[kind]()

    def number(self):
        r = self.r
        return r.choice([str(r.randint(-30, 300)), str(r.randint(-10**6, 10**12)), str(r.choice([0, 1, -1, 999, 1000, 1024, 1025])), repr(r.uniform(-10, 10)), repr(round(r.uniform(0, 3000), r.randint(0, 3))), repr(r.uniform(-1, 1) * 10.0**r.randint(-12, 20)), r.choice(["true", "0.5", "2.5", "1.005", "-0.0", "'nan'|float", "'inf'|float"])])

    def texts(self):
        return "[" + ", ".join(self.text(3) for _ in range(self.r.choice([0, 1, 2, 2, 3, 5]))) + "]"

    def mapping(self):
        r = self.r
        keys = r.choice([["'a'", "'b'", "'A'", "'c d'"], ["'a'", "'b'"], ["1", "2.5", "true", "none"], [self.text(3), self.text(2)], ["'a'", "1", "(1, 2)", "none"]])
        return "{" + ", ".join(f"{key}: {self.anything(1)}" for key in r.sample(keys, r.randint(0, len(keys)))) + "}"

    def sequence(self, level=0):
        r = self.r
        items = r.choice([lambda: self.text(3), self.number, lambda: str(r.randint(-5, 5)), lambda: self.anything(level + 1), lambda: f"{{'a': {self.number()}, 'b': {self.text(2)}}}", lambda: f"{{'a': {{'b': {r.randint(0, 3)}}}, 'b': {self.text(1)}}}", lambda: f"({r.randint(0, 3)}, {self.text(1)})", lambda: r.choice(["'a'", "'A'", "'b'", "'B'"])])
        inside = ", ".join(items() for _ in range(r.choice([0, 1, 2, 3, 3, 4, 7])))
        return r.choice([f"[{inside}]", f"[{inside}]", f"({inside}, )" if inside else "()", f"range({r.randint(0, 9)})", self.text()])

    def anything(self, level=0):
        r = self.r
        simple = [self.text, self.text, self.number, lambda: r.choice(["none", "true", "false", "missing", "0", "''", "[]", "{}"])]
        return r.choice(simple + ([lambda: self.sequence(level), self.mapping] if level < 2 else []))()

    def arguments(self, kinds, least=0):
        return [self.value(kind) for kind in kinds[:self.r.randint(min(least, len(kinds)), len(kinds))]]

    def filter(self):
        r = self.r
        name = r.choice(list(FILTERS))
        kind, params = FILTERS[name]
        args = []
        for param in params.split():
            label, _, want = param.rpartition(":")
            if want == "f":
                inner = r.choice(list(FILTERS))
                args += [repr(inner)] if r.random() < 0.8 else [f"attribute={self.value('r')}"]
            elif want == "q":
                test = r.choice(list(TESTS))
                args += [repr(test)] + [self.value(k) for k in TESTS[test]] if r.random() < 0.8 else []
            elif not label:
                args.append(self.value(want))
            elif r.random() < 0.5:
                args.append(self.value(want) if not any("=" in a for a in args) and len(args) == params.split().index(param) else f"{label}={self.value(want)}")
        if name == "format":
            args = [self.anything() for _ in range(r.randint(0, 3))]
        return name, self.value(kind), f"|{name}" + (f"({', '.join(args)})" if args else "")

    def template(self):
        r = self.r
        kind = r.random()
        if kind < 0.4:
            name = r.choice(list(METHODS))
            owner, call = self.value("s"), f".{name}({', '.join(self.arguments(METHODS[name], name in ('join', 'find', 'index', 'count', 'replace') and r.random() < 0.9))})"
        elif kind < 0.9:
            name, owner, call = self.filter()
        else:
            name = r.choice(list(TESTS))
            owner, call = self.anything(), f" is {r.choice(['', 'not '])}{name}" + (f"({', '.join(self.value(k) for k in TESTS[name])})" if TESTS[name] else "")
        start, owner = (f"{{% set v = {owner} %}}", "v") if r.random() < 0.5 else ("", f"({owner})")
        return start + ("{{ [" + owner + call + "|list] }}" if name in LAZY else "{{ [" + owner + call + "] }}" if r.random() < 0.7 else "{{ " + owner + call + " }}")


def cases(seed, templates, contexts):
    gen = Gen(seed)
    return [(gen.template(), [{}] * contexts) for _ in range(templates)]
