"""Random templates that make sets of numbers and tuples, which Python walks in the same order in each process, and use all that
sets can do."""
import random

ODD_KEYS = ["-1", "0.5", "-2.75", "true", "1.0", "()", "(1, 2)", "(0.5, (3,))", "(-1,)", "9007199254740993", "-4611686018427387904", "2305843009213693951", "1e300", "1e-300", "16", "32"]


class Gen:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def key(self):
        r = self.r
        return r.choice([str(r.randint(-5, 20)), str(r.randint(-5, 20)), str(r.randint(-100, 300)), r.choice(ODD_KEYS), f"({r.randint(0, 3)}, {r.randint(0, 3)})"])

    def keys(self):
        return [self.key() for _ in range(self.r.choice([0, 1, 2, 3, 5, 8, 13, 40]))]

    def dict(self):
        return "{" + ", ".join(f"{key}: {self.r.randint(0, 3)}" for key in self.keys()) + "}"

    def view(self):
        return f"{self.dict()}.{self.r.choice(['keys', 'items'])}()"

    def odd(self):
        """Now and then, what gives an error."""
        r = self.r
        return r.choice([f"{self.dict()}.values()", "missing", "[[]]", "[1, {}]", "[missing]", "7", "none", "{1: [], 2: 3}.items()", "[a]"])

    def iterable(self):
        r = self.r
        return r.choice([self.view, self.view, self.dict, self.set, self.set, lambda: "[" + ", ".join(self.keys()) + "]", lambda: f"range({r.randint(-3, 5)}, {r.randint(0, 30)}, {r.randint(1, 3)})",
                         lambda: self.odd() if r.random() < 0.15 else r.choice(["[]", "(1, 2)", "{}.items()", "{}", "range(40)"])])()

    def set(self):
        r = self.r
        return r.choice([lambda: f"({self.view()} - {self.iterable()})", lambda: f"({self.view()} - [])", lambda: f"({self.iterable()} - {self.view()})", lambda: r.choice("abc"), lambda: r.choice("abc"),
                         lambda: f"({r.choice('abc')} - {self.odd() if r.random() < 0.05 else r.choice([self.set, self.view])()})",
                         lambda: f"{r.choice('abc')}.{r.choice(['union', 'intersection', 'difference', 'symmetric_difference'])}({', '.join(self.iterable() for _ in range(r.choice([0, 1, 1, 1, 1, 2])))})"])()

    def use(self):
        r, S, I = self.r, self.set, self.iterable
        return r.choice([
            S, S, S, lambda: f"{S()}|list", lambda: f"{S()}|{r.choice(['length', 'first', 'reverse|list', 'pprint', 'join', 'string', 'unique|list', 'batch(3)|list', 'slice(2)|list', 'e', 'int', 'float', 'trim', 'default(1)', 'upper', 'count', 'map(' + repr('string') + ')|join', 'list|tojson'])}",
            lambda: f"{S()}|{r.choice(['sort', 'last', 'reverse', 'tojson', 'sum', 'max', 'min', 'dictsort', 'items|list', 'urlencode', 'abs', 'groupby(0)', 'xmlattr', 'random'])}" if r.random() < 0.15 else S(),
            lambda: f"{S()} is {r.choice(['iterable', 'sequence', 'mapping', 'string', 'number', 'defined', 'callable', 'none', 'true', 'eq(a)', 'sameas(a)', 'in([a])', 'upper'])}", lambda: f"{self.key()} in {S()}", lambda: f"{S()} in [{S()}, a]", lambda: f"{S()} {r.choice(['==', '!=', '<', '<=', '>', '>='])} {r.choice([S, self.view])()}", lambda: f"{r.choice([S, self.view])()} {r.choice(['==', '!=', '<', '<=', '>', '>='])} {S()}", lambda: f"{I()} {r.choice(['==', '!='])} {S()}",
            lambda: f"{r.choice([S, self.view])()}.isdisjoint({I()})", lambda: f"{S()}.{r.choice(['issubset', 'issuperset'])}({I()})", lambda: f"{S()}.{r.choice(['add', 'pop', 'update', 'remove', 'discard', 'clear', 'zz', '__len__'])}", lambda: f"{S()}.copy()", lambda: f"{S()}[{r.choice(['0', '1', ':1', repr('copy')])}] is defined",
            lambda: f"'%s|%r' % ({S()}, {S()})", lambda: f"'{r.choice(['%s', '%s', '%r', 'x', '%(a)s'] if r.random() < 0.2 else ['%s', '%r'])}' % {S()}", lambda: f"'{r.choice(['{}', '{!r}', '{:>9}', '{:d}'] if r.random() < 0.2 else ['{}', '{!s:.9}'])}'.format({S()})", lambda: f"{S()} {r.choice(['~', 'and', 'or'])} {I()}", lambda: r.choice([f"dict({S()})", f"{{{S()}: 1}}", f"(-{S()})", f"{S()} * 2", f"{S()} + {S()}", f"{S()} is filter"]) if r.random() < 0.1 else S(), lambda: f"(1 if {S()} else 2)", lambda: f"[{S()}, {S()}]", lambda: f"[{S()}, {S()}, {S()}, a, b]|sort",
            lambda: f"a.intersection_update({', '.join(I() for _ in range(r.randint(0, 2)))})", lambda: f"{{'a': {S()}, 1: {S()}, none: {S()}}}|pprint"])()

    def template(self):
        out = "".join(f"{{% set {name} = {self.view()} - {self.r.choice([self.view, self.dict])() if self.r.random() < 0.5 else '[]'} %}}" for name in "abc")
        for _ in range(self.r.choice([1, 2, 2, 3])):
            out += "{{ " + self.use() + " }}\n"
        if self.r.random() < 0.3:
            out += f"{{% for k in {self.set()} %}}{{{{ loop.index }}}}/{{{{ loop.length }}}} {{{{ k }}}}{{% if k == {self.key()} %}}{{% set _ = {self.r.choice('abc')}.intersection_update({self.iterable()}) %}}{{% endif %}};{{% endfor %}}"
        return out


def cases(seed, templates):
    gen = Gen(seed)
    return [(gen.template(), [{}]) for _ in range(templates)]
