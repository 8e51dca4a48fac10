"""Under which heading a command stands in `siwen --help`."""

from interfaces.cli.language import say

WORK = say("办事", "Work")
LOOK = say("查看", "Look")
RUN = say("运行", "Run")
KEEP = say("维护", "Keep")
