#!/usr/bin/env python3
"""crash.py [CASE ...]: runs that are killed, and calls that fail: is every picture there afterwards?

    kill     a short run is killed at its 1st, 2nd, ... write, fsync, rename and so on; gone on with, its
             picture is that of a run that was left alone, and nothing else is left behind
    once     that call fails once (no space; an fsync: input/output error): the same picture, or one
             sentence and a status
    for-good it and all after it fail: whatever is under a final name is whole
    random   300 runs are ended by a signal at random moments, up to three times each: RUNS=300
             SIGNALS="KILL TERM INT HUP"

STRATA names the program, FAULT the library of fault.c."""
import errno, functools, glob, os, random, shutil, signal, subprocess, sys, tempfile, time

strata = os.path.abspath(os.environ.get("STRATA", "build/strata"))
assets = os.path.abspath("assets")
fault = os.path.abspath(os.environ.get("FAULT", "build/tests/fault.so"))
calls = ["open", "write", "fsync", "close", "rename", "link", "unlink", "mkdir"]
known = {"job.ini", "checkpoint", "checkpoint.old", "checkpoint.new", "losses.csv", "latest.png", "log", "lock"}
root = tempfile.mkdtemp(prefix="strata-crash-")
problems = 0


def problem(*words):
    global problems
    problems += 1
    print("FAILED:", *words, flush=True)


class Place:
    """A folder for one run: out/ for its picture, state/ for its directory."""

    def __init__(self, name, size, options):
        self.folder = os.path.join(root, name)
        self.out = self.folder + "/out"
        os.makedirs(self.out)
        os.makedirs(self.folder + "/tmp")
        self.env = dict(os.environ, XDG_STATE_HOME=self.folder + "/state", TMPDIR=self.folder + "/tmp",
                        XDG_CACHE_HOME=root + "/cache", OMP_WAIT_POLICY="passive")
        self.run = ["run", assets + "/coast.jpg", assets + "/glass.jpg", "--width", str(size), "--output",
                    "out.png", "--threads", "1", "--progress", "json", *options]

    def start(self, words, faults=None):
        restore = lambda: [signal.signal(s, signal.SIG_DFL) for s in (signal.SIGINT, signal.SIGHUP)]
        env = dict(self.env, LD_PRELOAD=fault, **faults) if faults else self.env
        return subprocess.Popen([strata] + words, cwd=self.out, env=env, text=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=restore)

    def call(self, words, faults=None):
        p = self.start(words, faults)
        error = p.communicate(timeout=120)[1]
        return p.returncode, error

    def picture(self):
        try:
            return open(self.out + "/out.png", "rb").read()
        except OSError:
            return b""

    def strays(self):
        found = [f for f in os.listdir(self.out) if f != "out.png"] + os.listdir(self.folder + "/tmp")
        runs = self.folder + "/state/strata/runs/"
        for run in os.listdir(runs) if os.path.exists(runs) else []:
            files = os.listdir(runs + run)
            found += [run] if "job.ini" not in files else [f for f in files if f not in known]
        return found

    def remove(self):
        shutil.rmtree(self.folder)


short = ("--network", "random:4", "--iterations", "6", "--checkpoint-seconds", "0.01")


@functools.cache
def reference(size, options):
    place = Place(f"reference-{size}", size, options)
    status, error = place.call(place.run)
    assert status == 0, error
    return place.picture()


@functools.cache
def counted(call):
    """How often a short run makes that call."""
    place = Place("count-" + call, 64, short)
    place.call(place.run, {"FAULT_CALL": call, "FAULT_COUNT": place.folder + "/count"})
    return int(open(place.folder + "/count").read()) if os.path.exists(place.folder + "/count") else 0


def kill():
    right = reference(64, short)
    for call in calls:
        count, hit = counted(call), 0
        for n in range(1, count + 1):
            place = Place(f"kill-{call}-{n}", 64, short)
            status, error = place.call(place.run, {"FAULT_CALL": call, "FAULT_AT": str(n), "FAULT_DO": "kill"})
            hit += status != 0
            for attempt in range(3):
                if status == 0 or place.picture() == right and not place.call(["resume"])[1] == "":
                    break
                status, error = place.call(place.run)
            if place.picture() != right:
                problem(f"{call} {n}: status {status}, another picture; {error}")
            elif place.strays():
                problem(f"{call} {n}: {place.strays()}")
            place.remove()
        print(f"killed at {call}: {hit} of {count} moments", flush=True)


def fail(for_good):
    right = reference(64, short)
    for call in calls:
        number = errno.EIO if call in ("fsync", "close") else errno.ENOSPC
        table = {}
        for n in range(1, counted(call) + 1):
            place = Place(f"fail-{call}-{n}-{for_good}", 64, short)
            when = f"{n}+" if for_good else str(n)
            faults = {"FAULT_CALL": call, "FAULT_AT": str(n), "FAULT_DO": str(number)}
            status, error = place.call(place.run, dict(faults, FAULT_FOR_GOOD="1") if for_good else faults)
            here = place.picture()
            elsewhere = [f for d in ("/out/*.png", "/state/strata/*.png", "/tmp/*.png")
                         for f in glob.glob(place.folder + d) if not f.endswith("/out.png")]
            if here not in (b"", right) or any(len(open(f, "rb").read()) < 1000 for f in elsewhere):
                problem(f"{call} {when}: something half-written")
            verdict = ("in its place" if here == right else "elsewhere, told" if elsewhere and status
                       else "nowhere, told" if status and "strata: " in error else "lost without a word")
            if verdict == "lost without a word" or status not in (0, 1, 2):
                problem(f"{call} {when}: {verdict}, status {status}; {error}")
            if status != 0 and not for_good and here != right and not elsewhere:
                problem(f"{call} {when}: a picture lost to one failure; {error}")
            table[verdict] = table.get(verdict, 0) + 1
            place.remove()
        print(f"{call} fails {'for good' if for_good else 'once'}:",
              ", ".join(f"{k} {v}" for k, v in sorted(table.items())), flush=True)


def end_at_random(number, name):
    options = ("--iterations", "60", "--checkpoint-seconds", "0.25")
    right = reference(192, options)
    began = time.time()
    place = Place(f"time-{name}", 192, options)
    place.call(place.run)
    whole, ended, slowest = time.time() - began, 0, 0.0
    random.seed(1)
    for i in range(number):
        place = Place(f"{name}-{i}", 192, options)
        words, status = place.run, -1
        for attempt in range(8):
            p = place.start(words)
            if attempt < 3:
                try:
                    p.wait(timeout=random.uniform(0, 1.05 * whole))
                except subprocess.TimeoutExpired:
                    asked = time.time()
                    p.send_signal(getattr(signal, "SIG" + name))
                    ended += 1
                    p.wait(timeout=30)
                    slowest = max(slowest, time.time() - asked)
            error = p.communicate()[1]
            status = p.returncode
            if status == 0 or "no unfinished run" in error:
                break
            begun = glob.glob(place.folder + "/state/strata/runs/*")
            words = ["resume", "--checkpoint-seconds", "0.25"] if begun and random.random() < 0.5 else place.run
        if place.picture() != right:
            problem(f"SIG{name} {i}: status {status}, another picture; {error}")
        elif place.strays():
            problem(f"SIG{name} {i}: {place.strays()}")
        place.remove()
    print(f"SIG{name}: {number} runs ended {ended} times, the slowest took {slowest:.2f} s", flush=True)


try:
    cases = sys.argv[1:] or ["kill", "once", "for-good", "random"]
    for case in cases:
        if case == "kill":
            kill()
        elif case == "random":
            for name in os.environ.get("SIGNALS", "KILL TERM INT HUP").split():
                end_at_random(int(os.environ.get("RUNS", "300")), name)
        else:
            fail(case == "for-good")
finally:
    shutil.rmtree(root)
print(f"{problems} failed")
sys.exit(problems > 0)
