"""What is no bug: mistakes, told without a traceback and by exit code 2, and what ends early."""


class UserError(Exception):
    """Something the user gave is wrong; the message says what, where, and what to do."""


class Pruned(Exception):
    """A trial of a sweep is not worth going on with; the message says since when."""
