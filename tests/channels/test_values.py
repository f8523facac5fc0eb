"""The words of answers for people."""

from wholecell.channels.values import hidden, sentence


def test_secrets_are_hidden_whole_even_where_one_is_part_of_another():
    assert hidden("token abc, long abcdef, none", "abc", "", None, "abcdef") == "token •••, long •••, none"
    assert hidden("nothing of ours") == "nothing of ours"


def test_a_sentence_ends_once():
    assert [sentence(words) for words in ("Busy", "Busy.", "Busy!", "Why?")] == ["Busy.", "Busy.", "Busy!", "Why?"]
