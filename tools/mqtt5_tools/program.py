"""What every tool does alike: its options, what it says when it fails, its exit status.

Exit status: 0 done, 1 what the tool's own manual page says, 2 wrong usage, or it could not be done, or its output could not be written.
"""
import argparse
import os
import pathlib
import sys

FAILED = 2
INTERRUPTED = 130  # what a shell shows for a program that Control-C has ended
HERE = pathlib.Path(__file__).resolve().parent
# What comes from the wire must not reach a terminal as control characters.
CONTROL = {code: "?" for code in (*range(0x20), *range(0x7f, 0xa0))}


class ToolError(Exception):
    """It cannot be done; the message says why, on one line."""


def version():
    """The project's version: installed, it stands beside this module; in the source, in plugin/VERSION."""
    beside = HERE / "version"
    return (beside if beside.exists() else HERE.parent.parent / "plugin" / "VERSION").read_text(encoding="utf-8").strip()


def parser(name, description, status):
    """An argument parser that knows --help and --version. status: what the exit status tells, for the end of --help."""
    made = argparse.ArgumentParser(prog=name, description=description, epilog=f"Exit status: {status}")
    made.add_argument("--version", action="version", version=f"{name} {version()}")
    return made


def tshark_options(made):
    """Adds the options that choose a tshark and are passed on to it; tshark.Tshark takes them."""
    tshark_settings(made)
    tshark_program(made)


def tshark_settings(made):
    made.add_argument("-o", dest="preference", action="append", default=[], metavar="NAME:VALUE", help="a preference, as for tshark")
    made.add_argument("-d", dest="decode_as", action="append", default=[], metavar="RULE",
                      help="Decode As, as for tshark: tcp.port==18830,mqtt")


def tshark_program(made):
    made.add_argument("--tshark", default="tshark", metavar="PROGRAM", help="the tshark to run")


def say(name, text):
    """One line on standard error, if there is one."""
    if sys.stderr is not None:
        try:
            print(f"{name}: {' '.join(str(text).split())}", file=sys.stderr, flush=True)
        except OSError:
            pass  # nobody can be told


def run(name, main):
    """Runs main(arguments) and returns the exit status: that of `main`, or FAILED with one line that says why. Never a traceback for what users do."""
    if sys.stdout is None:
        say(name, "standard output is closed")
        return FAILED
    # Names of files may be no UTF-8: they are printed as they were given.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        try:
            return main(sys.argv[1:])
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        return give_up_output()  # whoever reads has enough: nothing to say
    except ToolError as problem:
        say(name, problem)
    except OSError as problem:
        say(name, f"{problem.filename or 'standard output'}: {problem.strerror or problem}")
        return give_up_output()
    except KeyboardInterrupt:
        give_up_output()
        return INTERRUPTED
    return FAILED


def give_up_output():
    """Keeps Python from trying once more, at its end, to write what could not be written."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return FAILED
