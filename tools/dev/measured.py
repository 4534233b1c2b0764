"""What one command of cml costs: for the benchmarks beside this file."""
import os
import statistics
import subprocess
import sys
import time


def measured(command, folder, runs=7, environment=None):
    """Median milliseconds of wall time and the most megabytes of a command that is run some times."""
    times, memory = [], 0
    for _ in range(runs):
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        times.append(time.perf_counter() - begin)
        memory = max(memory, usage.ru_maxrss / 1024)
        if status:
            sys.exit(f"{command[1:]} failed")
    return statistics.median(times) * 1000, memory
