"""The vector levels of the engine's loops that this machine can run."""

from pathlib import Path

from models.engine.compiler import IS_X86

FLAGS = set(Path("/proc/cpuinfo").read_text().split()) if Path("/proc/cpuinfo").exists() else set()
NEEDED = {"plain": set(), "avx2": {"avx2"}, "avx512": {"avx512bw", "avx512vl", "avx512dq"}}
HERE = [level for level, needed in NEEDED.items() if needed <= FLAGS and (IS_X86 or not needed)]
WIDE = [level for level in HERE if level != "plain"]
