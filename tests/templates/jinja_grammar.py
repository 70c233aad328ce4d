"""Random Jinja templates and contexts from a grammar: mostly well typed, now and then not, and some broken on purpose."""
import random

NAMES = ["messages", "tools", "s", "t", "u", "n", "m", "f", "b", "l", "d", "e", "x", "nums", "words", "users", "nested"]
TEXTS = ["", "a", "Hello World", "  padded\t", "line one\nline two\n", "naïve café", "你好，世界", "ẞß ŉ ﬁne ǅ", "ΑΣ ΣΑΣ", "<b>&'\"</b>", "a-b_c d", "x" * 12,
         "{{ not }} {% a %}", "100%", "%s and %d", "{} {0} {a}", "42", " -7 ", "3.25", "1e3", "0x1F", "tab\there", "\U0001f600 smile", "user", "assistant", "system",
         "foo bar baz qux quux corge", "Ünï", "a,b,,c", "k=v", "I\u0307İ", "\u00a0nbsp\u2003", "q\"uote's", "back\\slash", "\x07bell", "line\r\nsep\u2028x"]
KEYS = ["role", "content", "name", "a", "b", "items", "keys", "x y", "get", "id"]

ESCAPES = ["\\t", "\\a", "\\b", "\\f", "\\v", "\\0", "\\101", "\\x41", "\\u00e9", "\\U0001F600", "\\q", "\\\n", "\\/", "\\N{BULLET}", "\\x4", "\\8", "\\777"]
PATHS = ["messages[0].role", "messages.0.role", "messages[-1]['content']", "messages[0]['tool_calls'][0].function.arguments", "(messages|last|attr('role'))", "tools[0].function.parameters.properties.y.type", "tools.0['function']['name']",
         "l.0", "l[-2]", "d['x y']", "d.a.b", "(d.items()|list)", "x.a[0]", "users[0].city.id", "nested[0].children.1.name", "ns.a.b", "messages[1:]", "messages[0].content[:3]", "messages[n].role", "s.0", "s[1:].0", "words[-1][0]"]
PIECES = ["{%", "%}", "{{", "}}", "{#", "#}", "-%}", "{%-", "-", "+", "|", "(", ")", "[", "]", "{", "}", ",", ".", ":", "=", "==", "'", '"', " if ", " else ", " in ", " is ", " not ", " and ", "\\", "{% endif %}", "{% else %}", "{% endfor %}", "{% if s %}",
          "{% raw %}", "{% endraw %}", "~", "1", "0", "!", "$", "`", "\n", " ", "\u00a0", "**", "//", "1.", ".5", "1e", "0b", "_", "é", "|upper", ".x", "true", "none", " is none", "()", "[0]", "*a", "**d", "a=1", ";", "<", ">", "<=>", "!="]


class Gen:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.depth = 0
        self.loops = 0
        self.macros = []
        self.locals = []

    # ---- contexts
    def value(self, depth=0):
        r = self.r
        kind = r.random()
        if depth > 2 or kind < 0.45:
            return r.choice([r.choice(TEXTS), r.randint(-20, 300), r.choice([0, 1, -1, 2.5, 0.1, 1e20, -0.0, 1e-7, 3.0]), True, False, None, r.choice(TEXTS)])
        if kind < 0.7:
            return [self.value(depth + 1) for _ in range(r.randint(0, 4))]
        return {k: self.value(depth + 1) for k in r.sample(KEYS, r.randint(0, 4))}

    def context(self):
        r = self.r
        content = lambda: r.choice([r.choice(TEXTS), r.choice(TEXTS), [{"type": "text", "text": r.choice(TEXTS)}, {"type": "image"}]])
        tool = lambda: {"type": "function", "function": {"name": r.choice(["get", "add", "ünï"]), "description": r.choice(TEXTS),
                        "parameters": {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": ["string", "null"], "enum": ["a", "b"]}}, "required": ["x"]}}}
        messages = [{"role": r.choice(["user", "assistant", "system", "tool"]), "content": content()} for _ in range(r.randint(0, 4))]
        for message in messages:
            if r.random() < 0.2:
                message["tool_calls"] = [{"function": {"name": "f", "arguments": {"x": r.randint(0, 9), "s": r.choice(TEXTS)}}}]
        everything = {
            "messages": messages, "tools": r.choice([None, [], [tool()], [tool(), tool()]]),
            "s": r.choice(TEXTS), "t": r.choice(TEXTS), "u": r.choice(TEXTS), "n": r.randint(-5, 12), "m": r.choice([0, 1, 2, 3, 7, 10, 255]),
            "f": r.choice([0.5, 2.0, -1.25, 1e16, 123456.789, 0.1 + 0.2, 2.675, 1e-5]), "b": r.random() < 0.5,
            "l": [self.value(1) for _ in range(r.randint(0, 5))], "d": {k: self.value(1) for k in r.sample(KEYS, r.randint(0, 5))},
            "e": r.choice([[], {}, "", None, 0]), "x": self.value(), "nums": [r.randint(-9, 20) for _ in range(r.randint(0, 7))],
            "words": [r.choice(TEXTS) for _ in range(r.randint(0, 5))],
            "users": [{"name": r.choice(["Bob", "alice", "Carl", "bob"]), "age": r.randint(1, 5), "city": {"id": r.randint(0, 2)}} for _ in range(r.randint(0, 5))],
            "nested": [{"name": "n1", "children": [{"name": "n2", "children": []}, {"name": "n3"}]}, {"name": "n4", "children": [{"name": "n5"}]}],
        }
        for key in list(everything):
            if r.random() < 0.015:
                del everything[key]
        return everything

    # ---- expressions
    def string_literal(self):
        r = self.r
        text = r.choice(TEXTS)
        quote = r.choice("'\"")
        out = ""
        for c in text:
            if c == "\\" or c == quote:
                out += "\\" + c
            elif c == "\n":
                out += r.choice(["\\n", "\n"])
            elif c == "\r":
                out += "\\r"
            elif ord(c) > 127 and r.random() < 0.3:
                out += "\\u%04x" % ord(c) if ord(c) < 0x10000 else "\\U%08x" % ord(c)
            elif r.random() < 0.02:
                out += "\\x%02x" % ord(c) if ord(c) < 256 else c
            elif r.random() < 0.005:
                out += r.choice(ESCAPES)
            else:
                out += c
        literal = quote + out + quote
        return literal if r.random() < 0.97 else literal + " 'x'"

    def pick(self, *options):
        return self.r.choice(options)()

    def text(self):
        r = self.r
        if self.depth > 3 or r.random() < 0.4:
            return r.choice([self.string_literal, self.string_literal, lambda: r.choice(["s", "t", "u"]), lambda: r.choice(["s", "t", "u"]) if r.random() < 0.7 else self.local()])()
        self.depth += 1
        try:
            S, I, L = self.text, self.integer, self.sequence
            return self.pick(
                lambda: f"({S()} ~ {self.any()})", lambda: f"({S()} + {S()})", lambda: f"({S()} * {r.randint(-1, 3)})", lambda: f"{S()}|upper", lambda: f"{S()}|lower",
                lambda: f"{S()}|title", lambda: f"{S()}|capitalize", lambda: f"({S()}).title()", lambda: f"({S()}).{r.choice(['upper', 'lower', 'strip', 'lstrip', 'rstrip', 'capitalize', 'swapcase', 'casefold'])}()",
                lambda: f"({S()}).strip({S()})", lambda: f"{S()}|trim", lambda: f"{S()}|trim({S()})", lambda: f"{S()}|replace({S()}, {S()})", lambda: f"({S()}).replace({S()}, {S()}{self.maybe(I)})",
                lambda: f"({S()})[{self.slice()}]", lambda: f"({S()})[{I()}]", lambda: f"{L()}|join({S()})", lambda: f"({S()}).join({self.strings()})", lambda: f"{self.any()}|tojson",
                lambda: f"{self.any()}|tojson(indent={r.choice(['0', '1', '2', '4', 'none', repr('  ')])})", lambda: f"{self.any()}|tojson(ensure_ascii={r.choice(['true', 'false'])}, sort_keys={r.choice(['true', 'false'])})",
                lambda: f"{self.any()}|string", lambda: f"{S()}|indent({r.choice(['', '2', '2, true', '2, true, true', repr('> ')])})", lambda: f"{S()}|truncate({r.randint(2, 12)}{r.choice(['', ', true', ', false, ' + repr('-'), ', true, ' + repr('…'), ', false, ' + repr('..') + ', 0'])})",
                lambda: f"{S()}|center({r.randint(0, 14)})", lambda: f"{S()}|wordwrap({r.randint(1, 10)}{r.choice(['', ', false', ', true, ' + repr('|'), ', true, none, false'])})", lambda: f"{S()}|escape", lambda: f"({S()}|safe)",
                lambda: f"{S()}|e|upper", lambda: f"({S()}|safe + {S()})", lambda: f"({S()}|e ~ {S()})", lambda: f"{S()}|striptags", lambda: f"{self.any()}|urlencode", lambda: f"{S()}|reverse",
                lambda: f"'{self.format_string()}'|format({self.any()}, {self.any()})", lambda: f"('{self.format_string()}' % ({self.any()}, {I()}))", lambda: f"'{self.format_spec()}'.format({self.any()}, {self.any()}, a={self.any()})",
                lambda: f"'%(a)s %(b)s' % {self.mapping()}", lambda: f"({S()} if {self.boolean()} else {S()})", lambda: f"({S()} if {self.boolean()})", lambda: f"{self.any()}|default({S()}{r.choice(['', ', true'])})",
                lambda: f"({S()}).{r.choice(['ljust', 'rjust', 'center', 'zfill'])}({r.randint(0, 12)})", lambda: f"({S()}).{r.choice(['removeprefix', 'removesuffix'])}({S()})", lambda: f"{I()}|filesizeformat({r.choice(['', 'true'])})",
                lambda: f"{self.mapping()}|xmlattr", lambda: f"{L()}|first", lambda: f"{L()}|last", lambda: f"({S()} or {S()})", lambda: f"({S()} and {S()})", lambda: f"({S()}).expandtabs({r.randint(0, 9)})",
                lambda: f"{self.any()}|pprint", lambda: f"strftime_now({r.choice([repr('%Y-%m-%d'), repr('%d %b %Y %H:%M:%S %j %p %A')])})", self.macro_call, self.macro_call, self.loop_text, self.loop_text, self.named, self.named,
                lambda: f"loop.cycle({S()}, {S()})" if self.loops else S(), lambda: f"{L()}|map({r.choice([repr('string'), repr('upper'), repr('tojson')])})|join({S()})")
        finally:
            self.depth -= 1

    def leaf(self):
        r = self.r
        return r.choice([self.local, self.local, lambda: r.choice(NAMES), lambda: r.choice(NAMES), lambda: str(r.randint(0, 5)), lambda: r.choice(PATHS), lambda: r.choice(PATHS), lambda: r.choice(["none", "true", "false", "1.5", "[]", "[1, 's']", "{'a': 1}", "(1, 2)", "''", "missing"]),
                         lambda: self.string_literal(), lambda: f"({self.any()})" if self.depth < 3 else "b"])()

    def count(self):
        return self.r.choice(["n", "m", "n", "2", "1", "3", "0.5", "s|length", "nums|length", "words|length", "messages|length", "f", "loop.index0" if self.loops else "7", "-1", "- 2", "+n", "(n - 1)", "t.count('a')", "nums[0]|default(1)"])

    def link(self):
        """An operand that needs no parentheses in a sum."""
        r = self.r
        return r.choice([""] * 20 + ["-", "+"]) + self.leaf() + r.choice(["", "", "", "", "", "", "", "|string", "|length", "|default(1)", "|int", "|trim|length", ".role", "[0]", ".0", "|upper", "['content']", "|string|trim", "|list", "|first is defined|string", "|tojson"])

    def sum(self):
        r = self.r
        kind = r.random()
        if kind < 0.3:
            return self.count() + "".join(f" {r.choice(['+', '-', '*', '//', '%', '/', '+', '-'])} {self.count()}" for _ in range(r.randint(1, 3)))
        if kind < 0.5:
            return r.choice(["s", "t", "'a'", "words[0]|default('w')", "u|trim"]) + "".join(f" {r.choice(['+', '~', '+', '~'])} {r.choice(['s', 't', 'u', repr('b'), 's|upper', 't[1:]', 's[0]', 'n|string', repr('-') + ' * 2', 'messages[0].role|default(n)'])}" for _ in range(r.randint(1, 3)))
        return self.link() + "".join(f" {r.choice(['+', '-', '~', '~', '~', '~', '~'])} {self.link()}" for _ in range(r.choice([0, 0, 0, 1, 2])))

    def relation(self):
        """What `and`, `or` and `not` join."""
        r = self.r
        out = r.choice(["", "", "", "not ", "not not "]) + self.sum()
        kind = r.random()
        if kind < 0.35:
            return out + r.choice([" is defined", " is not none", " is string", " is not mapping", " is sameas none", " is eq 'a'", " is in s", " is in [1, 2]", " is not defined", " is none", " is iterable", " is not number", " is false"])
        if kind < 0.65:
            return out + f" {r.choice(['==', '!=', '==', '!=', 'in [1, 2, ' + repr('a') + '] ==', '== 1 !=', '==', '<'])} {self.sum()}"
        if kind < 0.8:
            return out + f" {r.choice(['in', 'not in'])} {r.choice(['words', 'nums', 'd', '[1, s]', 'range(3)', 'messages', '(n, m)', 'x', 's ~ n', 'words + nums', 'd.keys()'])}"
        if kind < 0.9:
            return r.choice(["", "not "]) + f"{self.count()} {r.choice(['<', '<=', '>', '>=', '=='])} {self.count()}" + r.choice(["", "", f" {r.choice(['<', '>='])} {self.count()} + 1", " is true", " in [true]"])
        return out

    def closed(self, condition):
        """`x is none if y` takes `if` for an argument of the test."""
        return condition if " is " not in condition or self.r.random() < 0.02 else f"({condition})"

    def chain(self):
        """Operators without parentheses: which binds first, and what is evaluated at all."""
        r = self.r
        if self.depth > 3:
            return self.leaf()
        self.depth += 1
        try:
            if r.random() < 0.1:
                return f"{r.choice(['', '-', 'not '])}{r.randint(0, 4)} ** {r.choice(['', '-'])}{r.randint(0, 3)}{r.choice(['', ' ** 2'])} {r.choice(['+', '-', '*', '==', '<', '~'])} {self.count()}"
            out = r.choice([self.sum, self.relation, self.relation])()
            for _ in range(r.choice([0, 1, 1, 2, 3])):
                out += f" {r.choice(['and', 'or'])} {self.relation()}"
            if r.random() < 0.25:
                out = self.closed(out) + f" if {self.relation()}" + r.choice([lambda: "", lambda: f" else {self.sum()}", lambda: f" else {self.sum()} if {self.relation()} else {self.link()}"])()
            return out
        finally:
            self.depth -= 1

    def named(self):
        """Filters whose arguments have names, and those that take the name of another filter or test."""
        r, S, I, L = self.r, self.text, self.integer, self.sequence
        if self.depth > 3:
            return self.string_literal()
        self.depth += 1
        try:
            return self.pick(
                lambda: f"{L()}|join(d={S()})", lambda: f"{L()}|join({S()}, attribute='{r.choice(['name', 'role', 'function.name', '0', 'zz'])}')", lambda: f"{self.any()}|default(default_value={S()}, boolean={self.boolean()})", lambda: f"{S()}|indent(width={r.randint(0, 3)}, first={self.boolean()}, blank={self.boolean()})",
                lambda: f"{S()}|replace({S()}, {S()}, {r.choice(['', 'count='])}{r.randint(-1, 2)})", lambda: f"{S()}|truncate(length={r.randint(0, 12)}, killwords={self.boolean()}, end={S()}, leeway={r.randint(0, 3)})", lambda: f"{S()}|trim(chars={S()})", lambda: f"{S()}|center(width={r.randint(0, 12)})",
                lambda: f"{S()}|wordwrap(width={r.randint(1, 9)}, break_long_words={self.boolean()}, wrapstring={S()})", lambda: f"{self.any()}|int(default={I()})", lambda: f"{self.any()}|float(default={self.any()})", lambda: f"{self.real()}|round(precision={r.randint(-1, 3)}, method='{r.choice(['common', 'ceil', 'floor'])}')",
                lambda: f"{L()}|batch(linecount={r.randint(1, 3)}, fill_with={self.any()})|list", lambda: f"{L()}|slice(slices={r.randint(1, 3)})|list", lambda: f"{L()}|sort(reverse={self.boolean()})", lambda: f"{L()}|sort(attribute='{r.choice(['name', 'role', '0'])}', reverse=true)|list",
                lambda: f"{L()}|unique(attribute='{r.choice(['name', 'age', 'role'])}')|list", lambda: f"users|groupby(attribute='{r.choice(['name', 'age'])}', default={self.any()})", lambda: f"{L()}|sum(start={self.any()})", lambda: f"users|sum('age', {I()})", lambda: f"{self.mapping()}|dictsort(by='value', reverse={self.boolean()})",
                lambda: f"{self.any()}|tojson(separators=({S()}, {S()}))", lambda: f"{self.any()}|tojson(indent={r.randint(0, 4)}, separators=(',', ': '), sort_keys=true)", lambda: f"{self.any()}|tojson(indent={r.randint(1, 3)})|indent({r.randint(1, 3)})", lambda: f"{self.mapping()}|xmlattr(autospace={self.boolean()})",
                lambda: f"{L()}|map('replace', {S()}, {S()})|list", lambda: f"{L()}|map('default', {S()}, true)|list", lambda: f"{L()}|map('attr', 'role')|list", lambda: f"{L()}|map('join', '-')|list", lambda: f"{L()}|map('indent', width=1, first=true)|join", lambda: f"{L()}|map('trim')|select('ne', '')|list", lambda: f"{L()}|map('int', default=7)|list",
                lambda: f"{L()}|select('{r.choice(['eq', 'equalto', '==', 'ne', 'sameas', 'in', 'lt', 'gt'])}', {self.any()})|list", lambda: f"{L()}|reject('{r.choice(['eq', 'in', 'mapping', 'defined', 'divisibleby'])}'{self.maybe(self.any)})|list", lambda: f"{L()}|selectattr('{r.choice(['role', 'city.id', 'function.name', 'age'])}', '{r.choice(['in', 'eq', 'ne', 'gt'])}', {self.any()})|list|length",
                lambda: f"range({r.randint(-3, 6)}, {I()}{r.choice(['', ', 2', ', -1', ', n'])})|list", lambda: f"{self.any()}|string|length", lambda: f"{self.text()}|{r.choice(['nope', 'upper()', 'upper(1)', 'lower|nope', 'length()', 'list|last'])}", lambda: f"{self.any()} is {r.choice(['nope', 'defined()', 'divisibleby(2)', 'sameas(none)', 'none and b', 'eq(1) or b'])}",
                lambda: f"({S()}).split({S()}){r.choice(['[-1]', '[0]', '|last', '|first', '[1:]', '|length'])}", lambda: f"({S()}).split('{r.choice(['</think>', ' ', 'a', 'x'])}')[-1].lstrip('\\n')", lambda: f"({S()}).format(*words, **d)", lambda: f"'{{x}}'.format(x={self.any()})", lambda: f"({self.mapping()}).keys() - {L()}")
        finally:
            self.depth -= 1

    def maybe(self, make):
        return ", " + make() if self.r.random() < 0.3 else ""

    def loop_text(self):
        if not self.loops:
            return self.string_literal()
        return self.r.choice(["loop.index", "loop.index0", "loop.first", "loop.last", "loop.length", "loop.revindex", "loop.revindex0", "loop.previtem", "loop.nextitem", "loop.depth",
                              "loop.depth0", "loop.changed(n)", "loop.nope", "loop", "loop.previtem.role", "loop.changed(loop.index // 2)"])

    def format_string(self):
        return " ".join(self.r.choice(["%s", "%r", "%d", "%5s", "%-6s", "%05d", "%+d", "%.2f", "%e", "%g", "%x", "%X", "%o", "%%", "%c", "%10.3f", "%.3s", "%i", "%#x", "% d", "%a"])
                        for _ in range(self.r.choice([1, 2, 2, 2, 3])))

    def format_spec(self):
        specs = ["", ":>8", ":<8", ":^9", ":*^7", ":05", ":,", ":_", ":.2f", ":e", ":g", ":x", ":#b", ":+", ":%", ":.3", ":c", ":d", "!r", "!s", "!a", "!r:>12", ":{1}", ":>{1}", ":s", ":=+8", ":010,", ":,.2f", ":.0f", ":n", ":z.1f"]
        return " ".join("{" + self.r.choice(["", "0", "1", "a", "a.b", "0[0]", "0[a]", "a.role", "{", "}"]) + self.r.choice(specs) + "}" if self.r.random() < 0.95 else "{{x}}" for _ in range(2))

    def integer(self):
        r = self.r
        if self.depth > 3 or r.random() < 0.4:
            return r.choice([lambda: str(r.randint(0, 12)), lambda: "n", lambda: "m", lambda: str(r.randint(-3, 30)), lambda: "0x1f", lambda: "1_000", lambda: "0b101", lambda: "m" if r.random() < 0.8 else self.local()])()
        self.depth += 1
        try:
            I = self.integer
            if self.loops and r.random() < 0.15:
                return r.choice(["loop.index", "loop.index0", "(loop.index0 - 1)", "loop.revindex", "loop.length"])
            return self.pick(
                lambda: f"({I()} + {I()})", lambda: f"({I()} - {I()})", lambda: f"({I()} * {I()})", lambda: f"({I()} // {I()})", lambda: f"({I()} % {I()})", lambda: f"(-{I()})", lambda: f"{self.sequence()}|length",
                lambda: f"{self.text()}|length", lambda: f"{self.any()}|int", lambda: f"{self.text()}|int({I()}, {r.choice([2, 8, 10, 16, 0])})", lambda: f"{I()}|abs", lambda: f"({self.text()}).find({self.text()})",
                lambda: f"({self.text()}).count({self.text()})", lambda: f"({self.text()}).rfind({self.text()}, {I()})", lambda: f"({self.sequence()}).index({self.any()})", lambda: f"({self.sequence()}).count({self.any()})",
                lambda: f"{self.numbers()}|sum", lambda: f"{self.numbers()}|max", lambda: f"{self.numbers()}|min", lambda: f"({I()} ** {r.randint(-2, 4)})", lambda: f"{self.text()}|wordcount", lambda: f"(+{I()})",
                lambda: f"{self.real()}|round|int", lambda: f"{I()}|round({r.choice([-2, -1, 0, 1])})", lambda: f"users|sum(attribute='age')", lambda: f"users|map(attribute='age')|max", lambda: f"(users|max(attribute='age')).age")
        finally:
            self.depth -= 1

    def real(self):
        r = self.r
        if self.depth > 3 or r.random() < 0.5:
            return r.choice(["f", "1.5", "0.1", "2e3", "1e-3", "3.14159", "100.0"])
        self.depth += 1
        try:
            return self.pick(
                lambda: f"({self.integer()} / {self.integer()})", lambda: f"({self.real()} * {self.real()})", lambda: f"({self.real()} + {self.integer()})", lambda: f"{self.any()}|float", lambda: f"{self.real()}|round({r.randint(-1, 4)}{r.choice(['', ', ' + repr('ceil'), ', ' + repr('floor')])})",
                lambda: f"({self.real()} // {self.real()})", lambda: f"({self.real()} % {self.integer()})", lambda: f"({self.real()} ** {self.integer()})", lambda: f"(-{self.real()})", lambda: f"{self.real()}|abs")
        finally:
            self.depth -= 1

    def boolean(self):
        r = self.r
        if self.depth > 3 or r.random() < 0.15:
            return r.choice(["true", "false", "b", "True", "(not b)"])
        self.depth += 1
        try:
            A, T = self.any, self.text
            tests = ["defined", "undefined", "none", "string", "number", "mapping", "sequence", "iterable", "boolean", "integer", "float", "callable", "true", "false", "escaped"]
            return self.pick(
                lambda: f"({A()} is {r.choice(['', 'not '])}{r.choice(tests)})", lambda: f"({A()} == {A()})", lambda: f"({A()} != {A()})", lambda: f"({self.integer()} {r.choice(['<', '<=', '>', '>='])} {self.integer()})",
                lambda: f"({T()} {r.choice(['<', '>'])} {T()})", lambda: f"({self.integer()} < {self.integer()} <= {self.integer()})", lambda: f"({A()} in {self.sequence()})", lambda: f"({T()} not in {T()})", lambda: f"({T()} in {self.mapping()})",
                lambda: f"({self.boolean()} and {self.boolean()})", lambda: f"({self.boolean()} or {A()})", lambda: f"(not {A()})", lambda: f"({self.integer()} is {r.choice(['odd', 'even'])})", lambda: f"({self.integer()} is divisibleby {r.randint(0, 3)})",
                lambda: f"({T()}).startswith({T()})", lambda: f"({T()}).endswith(({T()}, {T()}))", lambda: f"({T()}).{r.choice(['isdigit', 'isalpha', 'isalnum', 'isspace', 'isupper', 'islower', 'istitle', 'isnumeric', 'isdecimal', 'isprintable', 'isidentifier', 'isascii'])}()",
                lambda: f"({T()} is {r.choice(['upper', 'lower'])})", lambda: f"({A()} is sameas {r.choice(['none', 'true', 'false'])})", lambda: f"({A()} is in({self.sequence()}))", lambda: f"({A()} is eq({A()}))", lambda: f"({self.integer()} is {r.choice(['gt', 'lt', 'ge', 'le', 'ne'])}({self.integer()}))",
                lambda: f"({T()} is filter)", lambda: f"({self.chain()})", lambda: f"({self.chain()})", lambda: f"({r.choice(PATHS)} is {r.choice(['defined', 'not defined', 'none', 'not none', 'string', 'mapping'])})",
                lambda: f"({r.choice(PATHS)} is defined and {r.choice(PATHS)})", lambda: f"({self.sequence()} < {self.sequence()})")
        finally:
            self.depth -= 1

    def numbers(self):
        return self.pick(lambda: "nums", lambda: f"range({self.r.randint(0, 6)})", lambda: f"[{self.integer()}, {self.integer()}, {self.real()}]", lambda: f"nums|select('{self.r.choice(['odd', 'even'])}')", lambda: f"nums|reject('gt', {self.integer()})",
                         lambda: f"users|map(attribute='age')", lambda: f"(nums|sort)", lambda: f"nums[{self.slice()}]")

    def strings(self):
        return self.pick(lambda: "words", lambda: f"[{self.text()}, {self.text()}]", lambda: f"({self.text()}).split({self.r.choice(['', repr(' '), repr(','), repr('a') + ', 1'])})", lambda: f"words|map('upper')", lambda: f"({self.text()}).splitlines({self.r.choice(['', 'true'])})",
                         lambda: f"({self.text()}).rsplit({self.r.choice(['', repr('b'), 'none, 1'])})", lambda: f"({self.text()}).{self.r.choice(['partition', 'rpartition'])}({self.text()})", lambda: f"{self.text()}|list", lambda: f"words|select", lambda: f"words|reject('in', {self.text()})")

    def sequence(self):
        r = self.r
        if self.depth > 3 or r.random() < 0.35:
            return r.choice(["l", "nums", "words", "messages", "users", "e", "[]", "()", "[1, 'a', none]", "(1,)", "range(4)", "nested", "tools", "x"])
        self.depth += 1
        try:
            Q, A = self.sequence, self.any
            return self.pick(
                lambda: f"[{A()}, {A()}]", lambda: f"({A()}, {A()})", lambda: f"({Q()} + {Q()})", lambda: f"({Q()} * {r.randint(0, 2)})", lambda: f"({Q()})[{self.slice()}]", lambda: f"{Q()}|list", lambda: f"{Q()}|reverse|list",
                lambda: f"{Q()}|sort", lambda: f"words|sort(reverse={r.choice(['true', 'false'])}, case_sensitive={r.choice(['true', 'false'])})", lambda: f"users|sort(attribute='{r.choice(['name', 'age', 'age,name', 'city.id', 'zz'])}')",
                lambda: f"{Q()}|unique|list", lambda: f"words|unique(true)|list", lambda: f"{Q()}|batch({r.randint(1, 3)}{r.choice(['', ', 0', ', ' + repr('-')])})|list", lambda: f"{Q()}|slice({r.randint(0, 4)}{r.choice(['', ', none', ', 0'])})|list",
                lambda: f"users|groupby('{r.choice(['name', 'age', 'city.id', 'zz'])}'{r.choice(['', ', default=0', ', case_sensitive=true'])})", lambda: f"{self.mapping()}|dictsort({r.choice(['', 'true', 'false, ' + repr('value'), 'false, ' + repr('key') + ', true'])})",
                lambda: f"{self.mapping()}|items|list", lambda: f"({self.mapping()}).items()", lambda: f"({self.mapping()}).keys()", lambda: f"({self.mapping()}).values()|list", lambda: f"{Q()}|map(attribute='{r.choice(['role', 'content', 'name', '0', 'city.id'])}')|list",
                lambda: f"{Q()}|map(attribute='{r.choice(['role', 'zz'])}', default={A()})|list", lambda: f"{Q()}|selectattr('{r.choice(['role', 'content', 'age'])}'{r.choice(['', ', ' + repr('equalto') + ', ' + repr('user'), ', ' + repr('defined'), ', ' + repr('string')])})|list",
                lambda: f"{Q()}|rejectattr('role', 'in', ['user', 'tool'])|list", lambda: f"{Q()}|select('{r.choice(['string', 'number', 'mapping', 'none', 'nope'])}')|list", self.strings, self.numbers, lambda: f"{Q()}|map('{r.choice(['string', 'tojson', 'length', 'first', 'int', 'nope'])}')|list",
                lambda: f"({A()} if {self.boolean()} else {Q()})", lambda: f"messages|selectattr('role', '==', 'user')|map(attribute='content')|list")
        finally:
            self.depth -= 1

    def mapping(self):
        r = self.r
        return self.pick(lambda: "d", lambda: "d", lambda: f"{{{self.text()}: {self.any()}, 'a': {self.any()}}}", lambda: f"dict(a={self.any()}, b={self.any()})", lambda: "{}", lambda: f"(messages|first)", lambda: f"messages[{self.integer()}]",
                         lambda: f"dict({self.mapping() if self.depth < 3 else 'd'}, c=1)", lambda: f"{{{r.randint(0, 2)}: 'x', {r.choice(['1.0', 'true', '2'])}: {self.any()}}}")

    def local(self):
        return self.r.choice(self.locals) if self.locals else self.r.choice(NAMES)

    def any(self):
        r = self.r
        if self.depth > 3 or r.random() < 0.3:
            return r.choice([self.local, lambda: r.choice(NAMES), self.string_literal, lambda: str(r.randint(0, 5)), lambda: "none", lambda: r.choice(["missing", "s", "l"]), lambda: "x", lambda: "1.0"])()
        self.depth += 1
        try:
            return self.pick(
                self.text, self.text, self.integer, self.real, self.boolean, self.sequence, self.mapping, lambda: f"({self.mapping()}).{r.choice(['role', 'content', 'name', 'a', 'b', 'id', 'x_y'])}", lambda: f"({self.mapping()})[{self.text()}]",
                lambda: f"({self.mapping()}).get({self.text()}{self.maybe(self.any)})", lambda: f"({self.sequence()})[{self.integer()}]", lambda: f"{self.sequence()}|first", lambda: f"{self.sequence()}|last", lambda: f"ns.{r.choice(['a', 'b', 'zz'])}",
                lambda: f"({self.any()}).{r.choice(['zz', 'real', 'append', '_p', 'role'])}", lambda: f"{self.any()}|attr('{r.choice(['a', 'b', 'zz'])}')", lambda: f"({self.any()}, )", lambda: f"{self.numbers()}|{r.choice(['min', 'max', 'first'])}",
                lambda: f"{self.sequence()}|{r.choice(['min', 'max'])}({r.choice(['', 'true', 'attribute=' + repr('age')])})", lambda: f"{self.any()} {r.choice(['+', '-', '*', '%', '~'])} {self.any()}", lambda: f"dict({self.mapping()})", self.macro_call,
                lambda: f"({self.chain()})", lambda: f"({self.chain()})", self.named, self.leaf, lambda: f"{{{self.string_literal()}: {self.any()}, }}", lambda: f"[{self.any()}, ]")
        finally:
            self.depth -= 1

    def slice(self):
        bound = lambda: self.r.choice(["", "", str(self.r.randint(-5, 6)), self.integer() if self.depth < 3 else "1"])
        return self.r.choice([f"{bound()}:{bound()}", f"{bound()}:{bound()}:{self.r.choice(['1', '2', '-1', '-2', '', '0'])}", f"{bound()}:"])

    def macro_call(self):
        if not self.macros or self.depth > 3:
            return self.string_literal()
        name, params = self.r.choice(self.macros)
        self.depth += 1
        try:
            args = [self.any() for _ in range(self.r.randint(0, params + (self.r.random() < 0.1)))]
            if self.r.random() < 0.3:
                args.append(f"{self.r.choice('abk')}={self.any()}")
            if self.r.random() < 0.1:
                args.append("*nums[:1]")
            if self.r.random() < 0.1:
                args.append("**{'k': 1}")
        finally:
            self.depth -= 1
        return f"{name}({', '.join(args)})"

    # ---- statements
    def data(self):
        return self.r.choice(["\n", " ", "  \n", "text ", "\n\n  ", "<|im_start|>", "{ x }", "\n  - ", "a\n", "\t", "é", "", "}", "%}", "#", "\r\n  "])

    def tag(self, body):
        return "{%" + self.r.choice(["", "", "", "-", "-", "+"]) + self.r.choice([" ", " ", "", "", "\n ", "\t", "\r\n", "\u2003"]) + body + self.r.choice([" ", "", "\n"]) + self.r.choice(["", "", "-", "-", "+"]) + "%}"

    def output(self):
        r = self.r
        inside = self.chain() if r.random() < 0.15 else f"{self.any()}, {self.any()}" if r.random() < 0.03 else self.any()
        return "{{" + r.choice(["", "", "", "-", "-", "+"]) + r.choice([" ", " ", " ", "\n", "\t"]) + inside + " " + r.choice(["", "", "-"]) + "}}"

    def body(self, level):
        out = ""
        for _ in range(self.r.randint(1, 3)):
            out += self.data() + self.statement(level)
        return out + self.data()

    def scoped(self, level, names=()):
        saved = list(self.locals)
        self.locals += list(names)
        out = self.body(level)
        self.locals = saved
        return out

    def statement(self, level=0):
        r = self.r
        kind = r.random()
        if level > 3 or kind < 0.38:
            return self.output()
        name = r.choice(["v", "w", "n", "s", "ns2", "messages"])
        if kind < 0.5:
            target = r.choice([name, name, name, "ns.a", "ns.b", "v, w", "ns.a, v", "(v, w)", "v, (w, n)"])
            value = f"{self.any()}, {self.any()}" if "," in target and r.random() < 0.8 else self.chain() if r.random() < 0.2 else self.any()
            if target == "v, (w, n)" and r.random() < 0.8:
                value = r.choice(["1, [2, 3]", "s, 'ab'", "1, [2, 3]", "words|first, users[0:2]", f"{self.any()}, ({self.any()}, 's')"])
            self.locals += [n.strip("( )") for n in target.split(",")]
            return self.tag(f"set {target} = {value}")
        if kind < 0.64:
            target, names = r.choice([("i", ["i"]), ("i", ["i"]), ("i", ["i"]), ("k, v", ["k", "v"]), ("k, v", ["k", "v"]), ("n", ["n"]), ("message", ["message.role", "message.content", "message", "message['content']", "message.tool_calls"]), ("n", ["n"]), ("i, (j, k)", ["i", "j", "k"])])
            source = self.sequence() if "," not in target else "[(1, (2, 3)), (s, 'ab')]" if "j" in target and r.random() < 0.9 else r.choice([f"({self.mapping()}).items()", f"{self.mapping()}|items", f"{self.mapping()}|dictsort", "[[1, 2], [3, 4]]", "users|groupby('name')", "[(1, (2, 3))]", "[['a', 'bc']]", f"{self.mapping()}.items()|list"])
            self.loops += 1
            saved = list(self.locals)
            self.locals += names
            test = f" if {r.choice([self.boolean, self.chain])().replace('loop', 'b')}" if r.random() < 0.25 else ""
            source = f"({source} if {self.boolean()} else {self.sequence()})" if r.random() < 0.03 else source
            test = " recursive" if r.random() < 0.02 else test
            inside = self.body(level + 1)
            if r.random() < 0.15:
                inside += self.tag("if " + self.boolean()) + self.tag(r.choice(["break", "continue"])) + self.tag("endif") + self.data()
            self.loops -= 1
            self.locals = saved
            other = self.tag("else") + self.body(level + 1) if r.random() < 0.2 else ""
            return self.tag(f"for {target} in {source}{test}") + inside + other + self.tag("endfor")
        if kind < 0.76:
            condition = self.chain() if r.random() < 0.2 else self.boolean()
            out = self.tag(f"if ({condition})" if " if " in condition else f"if {condition}") + self.body(level + 1)
            while r.random() < 0.25:
                out += self.tag(f"elif {self.any()}") + self.body(level + 1)
            if r.random() < 0.4:
                out += self.tag("else") + self.body(level + 1)
            return out + self.tag("endif")
        if kind < 0.81:
            params = r.choice([[], ["a"], ["a", "b"], ["a", "b=2"], ["a=n", "b=a"], ["s", "k='d'"]])
            macro = r.choice(["mac", "mic", "moc"])
            saved, self.loops, loops = list(self.locals), 0, self.loops
            extra = r.choice([[], [], ["varargs"], ["kwargs"], ["caller"]])
            inside = self.scoped(level + 1, [p.split("=")[0] for p in params] + extra)
            if "caller" in extra and r.random() < 0.7:
                inside += "{{ caller(" + r.choice(["", "1", "a"]) + ") }}"
            self.locals, self.loops = saved, loops
            self.macros.append((macro, len(params)))
            return self.tag(f"macro {macro}({', '.join(params)})") + inside + self.tag("endmacro")
        if kind < 0.84 and self.macros:
            macro, count = r.choice(self.macros)
            params = r.choice(["", "", "(q)", "(q, z=1)"])
            loops, self.loops = self.loops, 0
            out = self.tag(f"call{params} {macro}({', '.join(self.any() for _ in range(r.randint(0, count)))})") + self.scoped(level + 1, ["q"] if params else []) + self.tag("endcall")
            self.loops = loops
            return out
        if kind < 0.87:
            return self.tag("filter " + r.choice(["upper", "trim", "indent(2)", "replace('a', 'b')|upper", "tojson", "length", "title"])) + self.body(level + 1) + self.tag("endfilter")
        if kind < 0.9:
            self.locals.append(name)
            return self.tag(f"set {r.choice([name, name, name, 'ns.a', 'ns.b'])}" + r.choice(["", "", " | trim", " | upper | replace('A', 'n')", "|default('d', true)|indent(width=2)"])) + self.body(level + 1) + self.tag("endset")
        if kind < 0.93:
            return self.tag(f"with q = {self.any()}" + r.choice(["", f", z = {self.any()}", ", n = n"])) + self.scoped(level + 1, ["q"]) + self.tag("endwith")
        if kind < 0.95:
            loops, self.loops = self.loops, 0
            out = self.tag("generation") + self.body(level + 1) + self.tag("endgeneration")
            self.loops = loops
            return out
        if kind < 0.96:
            return "{%- raw %}{{ raw }} {% x %}\n{% endraw -%}" if r.random() < 0.5 else "{% raw -%}  a {# b #}\n   {%- endraw %}\n"
        if kind < 0.975:
            return r.choice(["{# comment #}", "{#- c -#}", "\n  {# {{ x }} #}\n", "{#+ c +#}"])
        if kind < 0.985:
            return self.tag("for i in nested recursive") + "{{ loop.depth }}{{ i.name }}{{ loop(i.children) if i.children }}" + self.body(level + 2) + self.tag("endfor")
        return r.choice(["{% set c = cycler('a', 'b', n) %}{{ c.next() }}{{ c.current }}{{ c.next() }}", "{% set j = joiner('|') %}{{ j() }}x{{ j() }}y", "{{ namespace(a=1, b='z') }}", "{{ raise_exception('stop ' ~ n) if b }}",
                         "{{ [ns.a, ns] }}", "{% print s, n %}", "{{ loop }}", "{{ varargs }}", "{{ dict }} {{ namespace }}", "{% with %}{% set s = 1 %}{{ s }}{% endwith %}{{ s }}", "{% macro a_b(x, y=1) %}{% endmacro %}{{ a_b.name }}{{ a_b.arguments }}{{ a_b.catch_kwargs }}{{ a_b.caller }}", "{% set s, t = t, s %}{{ s ~ t }}", "{% if false %}{{ s|nope }}{% endif %}"])

    def broken(self, text):
        """A typing error or two."""
        r = self.r
        for _ in range(r.choice([1, 1, 2])):
            at, length = r.randint(0, len(text)), r.choice([1, 1, 2, 5])
            text = r.choice([lambda: text[:at] + text[at + length:], lambda: text[:at] + text[at:at + length] + text[at:], lambda: text[:at] + r.choice(PIECES) + text[at:], lambda: text[:at] + r.choice(PIECES) + text[at + length:]])()
        return text

    def template(self):
        self.locals, self.macros, self.loops, self.depth = ["ns.a"], [], 0, 0
        out = self.tag("set ns = namespace(a=0, b='z')") if self.r.random() < 0.93 else ""
        for _ in range(self.r.choice([1, 1, 2, 2, 3, 4])):
            out += self.data() + self.statement()
        out += self.data()
        return self.broken(out) if self.r.random() < 0.08 else out


def cases(seed, templates, contexts):
    """[(source, contexts)]: reproducible from the seed."""
    gen = Gen(seed)
    return [(gen.template(), [gen.context() for _ in range(contexts)]) for _ in range(templates)]
