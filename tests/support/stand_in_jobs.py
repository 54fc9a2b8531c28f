"""What stands in for `run_job` where it matters how a job ends and not what it computes."""

import os
import signal
import time

import numpy as np


def succeed(job):
    time.sleep(0.02)
    return {"record": {"seed": job.seed}, "spectra": np.ones(3), "potentials": np.ones(3)}


def fail_for_trial_0(job):
    if job.trial == 0:
        raise ValueError("no luck\nand a second line")
    return succeed(job)


def kill_worker_in_trial_0(job):
    if job.trial == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return succeed(job)


def kill_worker_once(job):
    """Kill the worker at the first try of trial 0; leave a mark so that it is the only one."""
    if job.trial == 0 and not os.path.exists(job.parameters["mark"]):
        with open(job.parameters["mark"], "w"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return succeed(job)
