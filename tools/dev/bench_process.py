"""Timing one process."""
import os
import signal
import subprocess
import threading
import time


def run(command, environment, folder=None, limit=None):
    """Seconds, peak kilobytes and processor seconds of a process. None: `limit` seconds were not enough for it."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    stopped = []

    def stop():
        stopped.append(True)
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(limit or 1e6, stop)
    timer.daemon = True
    timer.start()
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    if stopped:
        return None
    if status:
        raise SystemExit(f"failed: {' '.join(command)}\n{error.decode(errors='replace')[:500]}")
    return time.perf_counter() - start, usage.ru_maxrss, usage.ru_utime + usage.ru_stime
