"""The words of answers for people."""

from wholecell.channels.http import plain
from wholecell.channels.values import hidden, sentence


def test_secrets_are_hidden_whole_even_where_one_is_part_of_another():
    assert hidden("token abc, long abcdef, none", "abc", "", None, "abcdef") == "token •••, long •••, none"
    assert hidden("nothing of ours") == "nothing of ours"


def test_the_beginning_of_a_secret_that_was_cut_is_hidden():
    secret = "s3cret-0123456789"
    for longest in range(15, 30):
        said = hidden(f"Refused: {plain(f'the key is {secret}', longest)}. Sorry.", secret)
        assert secret[:5] not in said, said
    assert hidden("s…", secret) == "s…"


def test_a_sentence_ends_once():
    assert [sentence(words) for words in ("Busy", "Busy.", "Busy!", "Why?")] == ["Busy.", "Busy.", "Busy!", "Why?"]
