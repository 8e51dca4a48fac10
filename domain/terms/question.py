"""The four questions put to the people, and the right each of them gives (四问四权)."""

from enum import StrEnum

from domain.terms.value import Text


class Question(StrEnum):
    """What is asked of the people (四问)."""

    WHETHER = "WHETHER"
    """办不办：问情于民"""
    WHAT = "WHAT"
    """办什么：问需于民"""
    HOW = "HOW"
    """怎么办：问计于民"""
    HOW_WELL = "HOW_WELL"
    """办得好不好：问绩于民"""


QUESTION_TEXT: dict[Question, Text] = {
    Question.WHETHER: Text(zh="办不办", en="whether to do it"),
    Question.WHAT: Text(zh="办什么", en="what to do"),
    Question.HOW: Text(zh="怎么办", en="how to do it"),
    Question.HOW_WELL: Text(zh="办得好不好", en="how well it was done"),
}

ASKING_TEXT: dict[Question, Text] = {
    Question.WHETHER: Text(zh="问情于民", en="asking the people how things are"),
    Question.WHAT: Text(zh="问需于民", en="asking the people what they need"),
    Question.HOW: Text(zh="问计于民", en="asking the people for their plans"),
    Question.HOW_WELL: Text(zh="问绩于民", en="asking the people to judge the result"),
}

RIGHT_TEXT: dict[Question, Text] = {
    Question.WHETHER: Text(zh="知情权", en="the right to know"),
    Question.WHAT: Text(zh="选择权", en="the right to choose"),
    Question.HOW: Text(zh="参与权", en="the right to take part"),
    Question.HOW_WELL: Text(zh="监督权", en="the right to supervise"),
}
