"""The sandbox's stemmer against SQLite's, which is written after the same paper."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from sandbox.arxiv.stemming import stem
from sandbox.arxiv.words import PHRASES

ENDINGS = """
    caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping tanned falling
    hissing fizzed failing filing happy sky relational conditional rational valency hesitancy digitizer conformably radically
    differently vilely analogously vietnamization predication operator feudalism decisiveness hopefulness callousness
    formality sensitivity sensibility geology triplicate formative formalize electricity electrical hopeful goodness revival
    allowance inference airliner gyroscopic adjustable defensible irritant replacement adjustment dependent adoption onion
    homologous communism activate effective bowdlerize probate rate cease controll roll yes say ion
"""


def test_words_have_the_stems_that_sqlite_gives_them() -> None:
    texts = [ENDINGS, *(phrase for phrases in PHRASES.values() for phrase in phrases)]
    words = sorted({word for text in texts for word in re.findall("[a-z]+", text.lower())})
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE words USING fts5(word, tokenize='porter unicode61')")
        database.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(words, 'instance')")
        database.executemany("INSERT INTO words(rowid, word) VALUES (?, ?)", enumerate(words))
        stems = dict(database.execute("SELECT doc, term FROM stems"))
    assert {word: stem(word) for word in words} == {word: stems[row] for row, word in enumerate(words)}
    assert len(words) > 1000
