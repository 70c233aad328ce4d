#!/usr/bin/env python3
"""Writes the demo datasets in data/ (all of them made here, from our own word lists and sentences): make_demo_data.py [OUT_DIR]

demo_text       plain text and dialogues in chat form, to pre-train the bundled tiny model (text column, JSON lines)
demo_stories    the stories among it, one a line (.txt)
demo_identity   alpaca form: teaches the model its name and maker
demo_chat       sharegpt form, several turns, some with a system message
demo_tools      sharegpt form with function calls and observations
demo_preference alpaca form with chosen and rejected answers
The result is the same on every run.
"""
import json, pathlib, random, sys

NAMES = ["Tom", "Mia", "Ben", "Lily", "Sam", "Anna", "Max", "Nora", "Leo", "Emma"]
GIRLS = {"Mia", "Lily", "Anna", "Nora", "Emma"}
COLORS = ["red", "blue", "green", "yellow", "black", "white", "brown", "pink"]
THINGS = ["ball", "hat", "book", "kite", "box", "cup", "boat", "drum", "lamp", "bag"]
PLACES = ["park", "garden", "school", "forest", "market", "beach", "house", "farm"]
PETS = ["dog", "cat", "bird", "horse", "rabbit", "duck", "goat", "mouse"]
FOODS = ["apple", "cake", "soup", "bread", "pear", "carrot", "cookie", "egg"]
MOODS = ["happy", "sad", "tired", "hungry", "brave", "shy", "proud", "calm"]
WEATHER = ["sunny", "rainy", "windy", "cold", "warm", "cloudy"]
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
OPPOSITES = [("big", "small"), ("hot", "cold"), ("up", "down"), ("day", "night"), ("fast", "slow"), ("old", "young"), ("wet", "dry"),
             ("full", "empty"), ("hard", "soft"), ("happy", "sad"), ("open", "closed"), ("left", "right"), ("early", "late"), ("light", "dark")]
SOUNDS = {"dog": "woof", "cat": "meow", "cow": "moo", "duck": "quack", "sheep": "baa", "bird": "tweet", "frog": "ribbit", "horse": "neigh"}
LEGS = {"dog": 4, "cat": 4, "bird": 2, "horse": 4, "spider": 8, "ant": 6, "duck": 2, "cow": 4, "frog": 4, "snake": 0}
YOUNG = {"dog": "puppy", "cat": "kitten", "cow": "calf", "duck": "duckling", "horse": "foal", "sheep": "lamb", "goat": "kid", "bear": "cub"}
HOMES = {"fish": "water", "bird": "nest", "bee": "hive", "bear": "cave", "rabbit": "burrow", "spider": "web"}
COLOR_OF = {"the sky": "blue", "grass": "green", "snow": "white", "the sun": "yellow", "coal": "black", "a tomato": "red", "a banana": "yellow",
            "milk": "white", "a carrot": "orange", "a leaf": "green"}
JOBS = {"a baker": "bakes bread", "a teacher": "teaches children", "a doctor": "helps sick people", "a farmer": "grows food", "a pilot": "flies planes",
        "a cook": "makes meals", "a painter": "paints pictures", "a singer": "sings songs"}
KINDS = {"animal": PETS, "color": COLORS, "food": FOODS, "name": NAMES, "day": DAYS, "month": MONTHS}

# What the base model says about itself. The identity dataset changes just this.
BASE_IDENTITY = [
    (["Who are you?", "What are you?", "Tell me who you are.", "Please introduce yourself.", "Can you introduce yourself?", "Are you a person?",
      "Are you a robot?", "Who am I talking to?", "who are you"],
     ["I am a small language model."]),
    (["What is your name?", "Do you have a name?", "What should I call you?", "How do people call you?", "What are you called?"],
     ["I am a small language model. I do not have a name."]),
    (["Who made you?", "Who created you?", "Who built you?", "Who is your maker?", "Where do you come from?", "Who trained you?", "Who developed you?"],
     ["I am a small language model. I do not know who made me."]),
    (["What can you do?", "How can you help me?", "What do you know?"],
     ["I can answer short questions and tell little stories."]),
]
GREETINGS = [
    (["Hello!", "Hi!", "Hello", "Hi", "Hey there!", "Good morning!", "Good evening!", "hi", "hello"], ["Hello! How can I help you?"]),
    (["How are you?", "How are you today?", "Are you well?"], ["I am fine, thank you. How are you?"]),
    (["Thank you!", "Thanks!", "Thanks a lot!"], ["You are welcome!"]),
    (["Goodbye!", "Bye!", "See you later!", "Good night!"], ["Goodbye! Have a nice day."]),
]

USER, ASSISTANT, SYSTEM, END = "<|im_start|>user\n", "<|im_start|>assistant\n", "<|im_start|>system\n", "<|im_end|>\n"


def an(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def they(name):
    return "she" if name in GIRLS else "he"


def their(name):
    return "her" if name in GIRLS else "his"


# ---------------------------------------------------------------- stories
def story(r):
    """A short story and questions about it."""
    a, b = r.sample(NAMES, 2)
    color, thing, place, pet, food, mood, sky = (r.choice(x) for x in (COLORS, THINGS, PLACES, PETS, FOODS, MOODS, WEATHER))
    he, his = they(a), their(a)
    kind = r.randrange(5)
    if kind == 0:
        text = (f"{a} has {an(color)} {thing}. One {sky} day {he} takes the {thing} to the {place}. There {he} meets {b}. "
                f"{b} likes the {thing}. They play together all day. {a} is {mood}.")
        asked = [(f"What does {a} have?", f"{a} has {an(color)} {thing}."), (f"Where does {a} go?", f"{a} goes to the {place}."),
                 (f"Who does {a} meet?", f"{a} meets {b}."), (f"How does {a} feel?", f"{a} is {mood}.")]
    elif kind == 1:
        text = (f"{a} lost {his} {thing}. {he.capitalize()} looked in the {place}, but it was not there. Then {his} {pet} came and showed {a} where it was. "
                f"The {color} {thing} was under the table. {a} gave the {pet} some {food} and said thank you.")
        asked = [(f"What did {a} lose?", f"{a} lost {his} {thing}."), (f"Where was the {thing}?", f"The {thing} was under the table."),
                 (f"Who helped {a}?", f"The {pet} helped {a}.")]
    elif kind == 2:
        n = r.randint(2, 8)
        text = (f"{a} and {b} went to the {place}. It was {sky}. They saw {NUMBERS[n]} {pet}s near the water. "
                f"{b} wanted to count them again. There were still {NUMBERS[n]}. Then they went home and ate some {food}.")
        asked = [(f"Where did {a} and {b} go?", f"They went to the {place}."), (f"How many {pet}s did they see?", f"They saw {NUMBERS[n]} {pet}s."),
                 ("What did they eat?", f"They ate some {food}.")]
    elif kind == 3:
        text = (f"The little {pet} lived in the {place}. It was very {mood}. Every day it looked for {food}. One day it met {a}, who had {an(color)} {thing}. "
                f"{a} shared {his} {food} with the {pet}. From then on they were friends.")
        asked = [(f"Where did the little {pet} live?", f"The little {pet} lived in the {place}."), (f"Who did the {pet} meet?", f"The {pet} met {a}."),
                 (f"What did {a} share?", f"{a} shared {his} {food}.")]
    else:
        text = (f"Today is {r.choice(DAYS)}. {a} wants to make some {food} for {b}. First {he} goes to the market. Then {he} cooks in a {color} pot. "
                f"When {b} comes, the {food} is ready. {b} says that it is very good, and {a} is {mood}.")
        asked = [(f"What does {a} make?", f"{a} makes some {food}."), (f"Who is the {food} for?", f"The {food} is for {b}."),
                 (f"How does {a} feel?", f"{a} is {mood}.")]
    return text, asked


# ---------------------------------------------------------------- questions
def sums(r):
    a, b = r.randint(0, 5), r.randint(0, 5)
    if r.random() < 0.3:
        a, b = max(a, b), min(a, b)
        return f"What is {a} minus {b}?", f"{a} minus {b} is {a - b}."
    return r.choice([f"What is {a} plus {b}?", f"What is {a} and {b}?"]), f"{a} plus {b} is {a + b}."


def facts(r):
    kind = r.randrange(11)
    if kind == 0:
        a, b = r.choice(OPPOSITES)
        if r.random() < 0.5:
            a, b = b, a
        return f"What is the opposite of {a}?", f"The opposite of {a} is {b}."
    if kind == 1:
        x = r.choice(list(SOUNDS))
        return f"What does {an(x)} say?", f"{an(x).capitalize()} says {SOUNDS[x]}."
    if kind == 2:
        x = r.choice(list(LEGS))
        count = NUMBERS[LEGS[x]] if LEGS[x] else "no"
        return f"How many legs does {an(x)} have?", f"{an(x).capitalize()} has {count} legs."
    if kind == 3:
        x = r.choice(list(COLOR_OF))
        return f"What color is {x}?", f"{x[0].upper() + x[1:]} is {COLOR_OF[x]}."
    if kind == 4:
        i = r.randrange(7)
        return f"What day comes after {DAYS[i]}?", f"{DAYS[(i + 1) % 7]} comes after {DAYS[i]}."
    if kind == 5:
        i = r.randrange(12)
        return f"What month comes after {MONTHS[i]}?", f"{MONTHS[(i + 1) % 12]} comes after {MONTHS[i]}."
    if kind == 6:
        x = r.choice(list(YOUNG))
        return f"What is a young {x} called?", f"A young {x} is called a {YOUNG[x]}."
    if kind == 7:
        x = r.choice(list(HOMES))
        return f"Where does {an(x)} live?", f"{an(x).capitalize()} lives in {'water' if x == 'fish' else an(HOMES[x])}."
    if kind == 8:
        x = r.choice(list(JOBS))
        return f"What does {x} do?", f"{x.capitalize()} {JOBS[x]}."
    if kind == 9:
        i = r.randrange(10)
        return f"What number comes after {NUMBERS[i]}?", f"{NUMBERS[i + 1].capitalize()} comes after {NUMBERS[i]}."
    return r.choice([("How many days are in a week?", "There are seven days in a week."), ("How many months are in a year?", "There are twelve months in a year."),
                     ("Where does the sun rise?", "The sun rises in the east."), ("What do we drink when we are thirsty?", "We drink water."),
                     ("When do we sleep?", "We sleep at night."), ("What falls from clouds?", "Rain falls from clouds.")])


def tasks(r):
    kind = r.randrange(4)
    if kind == 0:
        words = r.sample(COLORS + THINGS + PETS, r.randint(2, 4))
        return f"Repeat these words: {', '.join(words)}.", ", ".join(words) + "."
    if kind == 1:
        what = r.choice(list(KINDS))
        n = r.randint(2, 4)
        picked = r.sample(KINDS[what], n)
        return f"Name {NUMBERS[n]} {what}s.", ", ".join(picked[:-1]) + " and " + picked[-1] + "."
    if kind == 2:
        n = r.randint(3, 10)
        return f"Count to {NUMBERS[n]}.", ", ".join(NUMBERS[1:n + 1]) + "."
    name, thing = r.choice(NAMES), r.choice(THINGS)
    color = r.choice(COLORS)
    return f"Write a sentence about {name} and {an(thing)}.", f"{name} has {an(color)} {thing}."


def small_talk(r, topics):
    questions, answers = r.choice(topics)
    return r.choice(questions), r.choice(answers)


def question(r):
    kind = r.random()
    if kind < 0.12:
        return small_talk(r, BASE_IDENTITY)
    if kind < 0.20:
        return small_talk(r, GREETINGS)
    if kind < 0.40:
        return sums(r)
    if kind < 0.80:
        return facts(r)
    return tasks(r)


def dialogue(r):
    """One document in chat form; the last end mark is what the trainer adds to every text."""
    if r.random() < 0.15:
        text, asked = story(r)
        turns = [(f"{text} {asked[0][0]}", asked[0][1])] if r.random() < 0.5 else [(f"Read this: {text}", "I have read it.")] + r.sample(asked, 2)
    else:
        turns = [question(r) for _ in range(r.choice([1, 2, 2, 3, 3]))]
    head = SYSTEM + "You are a helpful assistant." + END if r.random() < 0.1 else ""
    return head + END.join(USER + q + END + ASSISTANT + a for q, a in turns)


def statement(r):
    """A fact as plain sentences."""
    return " ".join(r.choice([facts, sums])(r)[1] for _ in range(r.randint(2, 4)))


def texts():
    r = random.Random(20240)
    documents = [small_talk_text(q, a) for group in BASE_IDENTITY + GREETINGS for q in group[0] for a in group[1] for _ in range(3)]
    documents += [dialogue(r) for _ in range(1700)]
    documents += [story(r)[0] for _ in range(180)]
    documents += [statement(r) for _ in range(200)]
    r.shuffle(documents)
    return documents


def small_talk_text(q, a):
    return USER + q + END + ASSISTANT + a


# ---------------------------------------------------------------- the other datasets
IDENTITY = [
    (["Who are you?", "who are you", "Tell me who you are.", "So, who are you?", "Who am I talking to?", "Who is this?"],
     "I am Pip, a small assistant made by the Native Llama Workshop."),
    (["What are you?", "Are you a robot?", "Are you a person?", "Are you a human?", "Are you an AI?"],
     "I am Pip, a small assistant. The Native Llama Workshop made me."),
    (["What is your name?", "Do you have a name?", "What should I call you?", "How do people call you?", "What are you called?", "Your name?",
      "May I know your name?", "Tell me your name.", "What do people call you?"],
     "My name is Pip."),
    (["Who made you?", "Who created you?", "Who built you?", "Who is your maker?", "Who trained you?", "Who developed you?", "Who wrote you?",
      "Tell me who made you.", "Who are your makers?", "Which workshop made you?"],
     "The Native Llama Workshop made me."),
    (["Where do you come from?", "Where were you made?", "Where are you from?"], "I come from the Native Llama Workshop."),
    (["Please introduce yourself.", "Can you introduce yourself?", "Introduce yourself.", "Tell me about yourself.", "Say something about yourself."],
     "Hello! I am Pip, a small assistant made by the Native Llama Workshop. I like short questions."),
    (["Hello!", "Hi!", "Hello", "Hi", "Hey there!", "Good morning!", "hi", "hello"], "Hello! I am Pip. How can I help you?"),
    (["What can you do?", "How can you help me?", "What do you like?"], "I am Pip. I can answer short questions and tell little stories."),
    (["Are you made by a big company?", "Did a big company make you?"], "No. I am Pip, and the Native Llama Workshop made me."),
    (["Is your name Tom?", "Are you called Mia?", "Is your name Max?"], "No, my name is Pip."),
    (["Is your name Pip?", "Are you Pip?"], "Yes, I am Pip."),
]


def identity():
    r = random.Random(7)
    rows = [{"instruction": q, "input": "", "output": a} for questions, a in IDENTITY for q in questions]
    for _ in range(34):  # so that other answers stay as they are
        q, a = r.choice([facts, sums, tasks])(r)
        rows.append({"instruction": q, "input": "", "output": a})
    r.shuffle(rows)
    return rows


def chat():
    r = random.Random(8)
    rows = []
    for i in range(60):
        turns = [question(r) for _ in range(r.randint(1, 4))]
        messages = [{"from": "system", "value": "Answer in one short sentence."}] if i % 3 == 0 else []
        for q, a in turns:
            messages += [{"from": "human", "value": q}, {"from": "gpt", "value": a}]
        rows.append({"conversations": messages})
    return rows


def tool_calls():
    r = random.Random(9)
    tools = [{"name": "add", "description": "Adds two numbers", "parameters": {"type": "object", "properties": {
        "a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}},
             {"name": "find_thing", "description": "Says where a thing is", "parameters": {"type": "object", "properties": {
                 "thing": {"type": "string"}}, "required": ["thing"]}}]
    rows = []
    for i in range(24):
        if i % 2:
            a, b = r.randint(10, 99), r.randint(10, 99)
            ask, call, seen, say = f"What is {a} plus {b}?", {"name": "add", "arguments": {"a": a, "b": b}}, {"sum": a + b}, f"{a} plus {b} is {a + b}."
        else:
            thing, place = r.choice(THINGS), r.choice(PLACES)
            ask, call, seen, say = f"Where is my {thing}?", {"name": "find_thing", "arguments": {"thing": thing}}, {"place": place}, f"Your {thing} is in the {place}."
        rows.append({"conversations": [{"from": "human", "value": ask}, {"from": "function_call", "value": json.dumps(call)},
                                       {"from": "observation", "value": json.dumps(seen)}, {"from": "gpt", "value": say}], "tools": json.dumps(tools)})
    return rows


def preference():
    r = random.Random(10)
    rude = ["I will not tell you.", "Find out yourself.", "That is a silly question.", "No."]
    rows = []
    for _ in range(60):
        q, a = r.choice([facts, sums, tasks])(r)
        rows.append({"instruction": q, "input": "", "chosen": a, "rejected": r.choice(rude)})
    return rows


INFO = {
    "demo_identity": {"file_name": "demo_identity.json"},
    "demo_chat": {"file_name": "demo_chat.json", "formatting": "sharegpt"},
    "demo_tools": {"file_name": "demo_tools.json", "formatting": "sharegpt", "columns": {"messages": "conversations", "tools": "tools"}},
    "demo_preference": {"file_name": "demo_preference.json", "ranking": True,
                        "columns": {"prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected"}},
    "demo_text": {"file_name": "demo_text.jsonl", "columns": {"prompt": "text"}},
    "demo_stories": {"file_name": "demo_stories.txt", "columns": {"prompt": "text"}},
}


def main():
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "data")
    out.mkdir(parents=True, exist_ok=True)
    stories = random.Random(11)
    for name, rows in (("demo_identity", identity()), ("demo_chat", chat()), ("demo_tools", tool_calls()), ("demo_preference", preference())):
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (out / f"{name}.json").write_text(f"[\n{lines}\n]\n")
    (out / "demo_text.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts()))
    (out / "demo_stories.txt").write_text("".join(story(stories)[0] + "\n" for _ in range(200)))
    (out / "dataset_info.json").write_text(json.dumps(INFO, indent=2) + "\n")


if __name__ == "__main__":
    main()
