"""The experiment: simulate a network, drive the mass models with it, compare, keep the result."""

from study.command import start

start.check_packages()
if start.is_command():
    start.prepare()
