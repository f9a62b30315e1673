/**
 * Process 1 in the pods of executors and mergers: runs the program and hands a stop on to it.
 *
 * A stopped executor finishes its builds first, which may take hours. Without ZooKeeper it never ends: its graceful
 * stop begins with a write there, and an error in that leaves the process running until kubelet's patience is over. So
 * when the whole Zuul is deleted, or ZooKeeper is lost while they drain, such pods would hold their volumes and their
 * namespace for hours, for builds that nobody can hear of any more (ZooKeeper's session, and with it the lock on each
 * build, ends after 10 s). The script hands the stop on when ZooKeeper answers, and ends the program when ZooKeeper
 * stays away. Pure.
 * @see zuul/executor/server.py of Zuul 14.3.0: graceful() → pause() → component_info.state = PAUSED
 */
export const runnerScript = `\
"""Runs a program; told to stop, hands that on, and ends it once ZooKeeper stays away for as long as PATIENCE."""
import configparser
import os
import signal
import socket
import sys
import time

CONF, PATIENCE, PAUSE, PROGRAM = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
SIGNALS = {signal.SIGTERM, signal.SIGCHLD}


def hosts():
    """host:port,host:port/chroot, as ZooKeeper's clients write it."""
    conf = configparser.ConfigParser(interpolation=None, strict=False)
    conf.read(CONF, encoding="utf-8")
    for host in conf["zookeeper"]["hosts"].partition("/")[0].split(","):
        name, _, port = host.strip().rpartition(":")
        yield name.strip("[]"), int(port)


def zookeeper_answers():
    for address in hosts():
        try:
            socket.create_connection(address, timeout=3).close()
            return True
        except OSError:
            pass
    return False


def ended(child):
    """Buries every process that has ended, as process 1 must; gives the child's exit code once it is among them."""
    code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if pid == 0:
            return code
        if pid == child:
            code = os.waitstatus_to_exitcode(status)


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    child = os.posix_spawnp(PROGRAM[0], PROGRAM, os.environ, setsigmask=())
    stopping = told = False
    away = None
    while True:
        got = signal.sigtimedwait(SIGNALS, PAUSE if stopping else 3600)
        code = ended(child)
        if code is not None:
            sys.exit(code if code >= 0 else 128 - code)
        stopping = stopping or (got is not None and got.si_signo == signal.SIGTERM)
        if not stopping:
            continue
        if zookeeper_answers():
            away = None
            if not told:
                os.kill(child, signal.SIGTERM)
                told = True
        elif away is None:
            away = time.monotonic()
        elif time.monotonic() - away >= PATIENCE:
            print("ZooKeeper does not answer: ending without it", flush=True)
            os.kill(child, signal.SIGKILL)


main()
`;
