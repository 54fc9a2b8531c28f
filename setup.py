"""All of the set-up is declared in setup.cfg."""

from setuptools import setup

setup()
