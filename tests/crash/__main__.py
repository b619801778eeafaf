"""`python -m tests.crash`: the bot dies at every await of digest and delivery, and 300 times by SIGKILL.

Nothing may be missing in the end, and nothing may stand twice. Ends with 1 where something is or does.
"""

from tests.crash.worker import begin

if __name__ == "__main__":  # a worker of the pool imports this module, too
    begin()

    from tests.crash.command import main

    raise SystemExit(main())
