"""The one exception that is meant for people: it is shown without a traceback, exit code 2."""


class UserError(Exception):
    """Something the user gave is wrong; the message says what, where, and what to do."""
