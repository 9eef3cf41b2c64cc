"""Starts processes, ends them by id, and reads how much CPU time they took."""

import os
import subprocess
import sys
import tempfile
import threading

RUN_SECONDS = 300


class Started:
    """A process that runs for the length of a `with`."""

    def __init__(self, command, directory):
        self.command = command
        self.directory = directory

    def __enter__(self):
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            self.command, cwd=self.directory, stdin=quiet, stdout=quiet
        )
        return self.process

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def measure(process, work):
    """The CPU-seconds, user and system, that a running process takes for some work."""
    before = cpu_seconds(process.pid)
    work()
    return cpu_seconds(process.pid) - before


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        # The name of the program, in parentheses, may hold spaces.
        fields = stat.read().rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def run_to_end(command, directory):
    """The output of a process and the CPU-seconds of its whole life."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=directory, stdout=output)
        watchdog = threading.Timer(RUN_SECONDS, process.kill)
        watchdog.start()
        _, status, usage = os.wait4(process.pid, 0)
        watchdog.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"load: {command[0]} ended with {process.returncode}")
        output.seek(0)
        return output.read(), usage.ru_utime + usage.ru_stime
