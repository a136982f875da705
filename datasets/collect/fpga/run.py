"""Synthesises all (design, family) jobs of a kit written by prepareKit.ts; needs python3 and /bin/sh on x86-64 Linux, nothing else.

    python3 run.py --out FOLDER [--processes 16] [--seconds 560] [--timeout 240] [--families xc7,ice40] [--done results.jsonl ...] [--limit N]

Smallest designs first. Appends one JSON line a job to FOLDER/results.jsonl: id, family, tool, seconds, and cells (raw counts of `stat -json`) or failure.
Where Icarus Verilog can simulate the family's cells (SIMULATED), the netlist is simulated too: `netlist` is "equal", or how many results differ from the
exact integer ones; Yosys can pack logic into multipliers wrongly.
Jobs that --done files or FOLDER/results.jsonl hold already are skipped, those that only ran out of time here (`stopped`) are never written.
"""
import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def yosys(arguments):
    return [os.path.join(HERE, "bin", "ld-linux"), "--library-path", os.path.join(HERE, "lib"), os.path.join(HERE, "bin", "yosys"), *arguments]


# models of the cells of a family, in share/yosys; those of ecp5 and xcup lack the multipliers
SIMULATED = {
    "xc7": "xilinx/cells_sim.v",
    "ice40": "ice40/cells_sim.v",
    "gowin": "gowin/cells_sim.v",
    "efinix": "efinix/cells_sim.v",
    "gatemate": "gatemate/cells_sim.v",
    "anlogic": "anlogic/cells_sim.v",
    "machxo2": "machxo2/cells_sim.v",
}


def loaded(program, *arguments):
    return [os.path.join(HERE, "bin", "ld-linux"), "--library-path", os.path.join(HERE, "lib"), os.path.join(HERE, program), *arguments]


def simulate(design, family, folder, timeout):
    """What becomes of the design in the netlist net.v of a folder: "equal", or what is wrong."""
    path = os.path.join(HERE, "v", design)
    with open(path + ".v") as file:
        source = file.read()
    with open(os.path.join(folder, "rtl.v"), "w") as file:
        file.write(re.sub(r"\bmodule top\b", "module top_source", source))
    os.symlink(path + ".inputs.hex", os.path.join(folder, "inputs.hex"))
    files = ["rtl.v", "net.v", path + ".tb.v", os.path.join(HERE, "share", "yosys", SIMULATED[family])]
    models = os.path.dirname(files[-1])
    options = ["-B", os.path.join(HERE, "ivl"), "-I", models, "-g2012", "-DNO_ICE40_DEFAULT_ASSIGNMENTS", "-s", "tb", "-o", "sim"]
    built = subprocess.run(loaded("ivl/iverilog", *options, *files), cwd=folder, capture_output=True, text=True, timeout=timeout)
    if built.returncode != 0:
        return None, built.stderr[-300:]
    run = subprocess.run(loaded("bin/vvp", "-M", os.path.join(HERE, "ivl"), "-n", "sim"), cwd=folder, capture_output=True, text=True, timeout=timeout)
    got = [line.split()[1] for line in run.stdout.splitlines() if line.startswith("t ")]
    with open(path + ".results.hex") as file:
        wanted = file.read().split()
    wrong = sum(i >= len(got) or not re.fullmatch("[0-9a-f]+", got[i]) or int(got[i], 16) != int(w, 16) for i, w in enumerate(wanted))
    return ("equal" if wrong == 0 else f"{wrong} of {len(wanted)} results differ"), None


# Debian's Yosys starts berkeley-abc by name
ENVIRONMENT = {**os.environ, "PATH": os.path.join(HERE, "bin") + os.pathsep + os.environ.get("PATH", "/usr/bin:/bin")}


class Runner:
    def __init__(self, options):
        self.options = options
        self.running = {}
        self.lock = threading.Lock()
        self.stop = False

    def job(self, design, family, synth):
        if self.stop:
            return None
        begun = time.monotonic()
        record = {"id": design, "family": family, "tool": TOOL}
        with tempfile.TemporaryDirectory() as folder:
            stat = os.path.join(folder, "stat.json")
            source = os.path.join(HERE, "v", design + ".v")
            script = f"read_verilog {source}; {synth} -top top; tee -q -o {stat} stat -json"
            if family in SIMULATED:
                script += "; write_verilog -noattr net.v"
            process = subprocess.Popen(yosys(["-q", "-p", script]), cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
            with self.lock:
                self.running[process.pid] = process
            try:
                log, _ = process.communicate(timeout=self.options.timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                log = None
            finally:
                with self.lock:
                    del self.running[process.pid]
            record["seconds"] = round(time.monotonic() - begun, 2)
            if self.stop:
                return None
            if log is None:
                record["failure"] = f"timeout of {self.options.timeout} s"
            elif process.returncode != 0:
                lines = [line for line in log.decode("utf8", "replace").splitlines() if line.strip()]
                record["failure"] = f"status {process.returncode}: " + " | ".join(lines[-4:])[:600]
            else:
                with open(stat) as file:
                    record["cells"] = json.load(file)["design"]["num_cells_by_type"]
                if family in SIMULATED:
                    try:
                        record["netlist"], problem = simulate(design, family, folder, self.options.timeout)
                    except subprocess.TimeoutExpired:
                        record["netlist"], problem = None, "timeout"
                    if record["netlist"] is None:
                        del record["netlist"]
                        print(f"{design}, {family}: not simulated: {problem}", flush=True)
                if self.stop:
                    return None
        return record

    def kill(self):
        self.stop = True
        with self.lock:
            for pid in list(self.running):
                try:
                    os.killpg(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass


def read_done(paths):
    done = set()
    for path in paths:
        if os.path.exists(path):
            with open(path) as file:
                for line in file:
                    try:
                        row = json.loads(line)
                    except ValueError:
                        continue  # a line cut by an interruption
                    done.add((row["id"], row["family"]))
    return done


def main():
    global TOOL
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=560, help="wall clock after which nothing more runs")
    parser.add_argument("--timeout", type=float, default=240, help="of one job")
    parser.add_argument("--families", help="only these, separated by commas; in this order")
    parser.add_argument("--done", nargs="*", default=[])
    parser.add_argument("--limit", type=int, help="only that many jobs")
    options = parser.parse_args()
    begun = time.monotonic()
    os.makedirs(options.out, exist_ok=True)
    path = os.path.join(options.out, "results.jsonl")
    TOOL = re.sub(r"^(Yosys \S+).*", r"\1", subprocess.run(yosys(["-V"]), capture_output=True, text=True, check=True).stdout.strip())
    with open(os.path.join(HERE, "jobs.json")) as file:
        kit = json.load(file)
    done = read_done([path, *options.done])
    families = options.families.split(",") if options.families else list(kit["families"])
    jobs = [(d, f, kit["families"][f]) for d in kit["designs"] for f in families if (d, f) not in done][: options.limit]
    print(f"{TOOL}: {len(jobs)} jobs, {len(done)} done before, {options.processes} processes", flush=True)
    runner = Runner(options)
    signal.signal(signal.SIGTERM, lambda *_: runner.kill())
    timer = threading.Timer(max(1.0, options.seconds - (time.monotonic() - begun)), runner.kill)
    timer.daemon = True
    timer.start()
    written = failed = 0
    with open(path, "a") as out, concurrent.futures.ThreadPoolExecutor(options.processes) as pool:
        futures = [pool.submit(runner.job, *job) for job in jobs]
        for future in concurrent.futures.as_completed(futures):
            record = future.result()
            if record is None:
                continue
            out.write(json.dumps(record, sort_keys=True) + "\n")
            out.flush()
            written += 1
            failed += "failure" in record
            if written % 100 == 0:
                print(f"{written}/{len(jobs)}, {failed} failed, {time.monotonic() - begun:.0f} s", flush=True)
    timer.cancel()
    print(f"wrote {written} of {len(jobs)}, {failed} failed, {time.monotonic() - begun:.0f} s{', stopped by the clock' if runner.stop else ''}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
