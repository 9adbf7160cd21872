"""What can go wrong, from the reader's side.

DevclusterError
├── CommandError       a program of this machine said no
├── PrerequisiteError  the machine lacks something that the user has to provide
├── ProgramDiedError   a part of the cluster ended although it should run
├── NotReadyError      a part of the cluster runs and did not become ready in time
└── UnsupportedError   this backend cannot do what was asked
"""


class DevclusterError(Exception):
    """Base of every error that is reported as one message, without a traceback."""


class CommandError(DevclusterError):
    """A program of this machine ended with an error."""


class PrerequisiteError(DevclusterError):
    """The machine lacks something; the message names it and the command that provides it."""


class ProgramDiedError(DevclusterError):
    """A part of the cluster ended although it should run."""


class NotReadyError(DevclusterError):
    """A part of the cluster did not become ready in its time."""


class UnsupportedError(DevclusterError):
    """The chosen backend cannot do what was asked."""
