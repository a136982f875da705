"""What the models of models.py cost on the machine that it runs on, their graphs, and the time of their kernels.

    OUT=out python3 datasets/collect/zoo/collect.py SECONDS [--state DIR] [--only NAME,NAME]
    OUT=out python3 datasets/collect/zoo/collect.py SECONDS --replay FAMILY,FAMILY [--seed N]

State is kept in DIR between calls: a second call goes on where the first stopped. One process a GPU, ONNX export and ONNX Runtime on the other cores.
Writes to $OUT:
device.json     GPU, processor, driver and versions of the libraries
models.csv      name, family, input at batch 1, parameters, how the ONNX was exported, opset, why it was not
gpu.csv         model, configuration, batch, latency_ms (median of five passes of a CUDA graph), spread, energy_mj, power_w, memory_bytes (allocated for weights,
                input and the first eager call)
cpu.csv         model, runtime, threads, latency_ms (median), spread (between quartiles), repeats (ONNX Runtime, batch 1, fp32)
kernels.csv.gz  model, configuration, operator (ATen), input dims, types, concrete inputs, kernel, calls, microseconds: PyTorch profiler, eager, two steps
onnx.tar        NAME.onnx.gz; initialisers of more than 1 KiB point to a file that is not there
With --replay only, as models check whether they are captured and then call other operators:
replay.csv.gz   as kernels.csv.gz, of one replay of the CUDA graph; the operators are those of the capture, joined by the order of the launches. Models whose
                graph has another number of kernels than its capture has launches (several streams) are left out.
"""
import argparse, csv, gzip, io, json, os, platform, random, signal, subprocess, sys, tarfile, tempfile, time, warnings
warnings.filterwarnings("ignore")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error"); os.environ["HF_HUB_OFFLINE"] = "1"
P = argparse.ArgumentParser()
P.add_argument("seconds", type=float); P.add_argument("--state", default=os.path.join(tempfile.gettempdir(), "zoo")); P.add_argument("--only", default="")
P.add_argument("--replay", default=""); P.add_argument("--seed", type=int, default=1); P.add_argument("--worker", default=""); P.add_argument("--export-share", type=float, default=.7)
A = P.parse_args(); START = time.time(); left = lambda: A.seconds - (time.time() - START)
S = A.state; OUT = os.environ.get("OUT", "out")
for d in (OUT, S, *(f"{S}/{d}" for d in ("onnx", "full", "gpu", "cpu", "kern", "replay", "log", "tmp"))): os.makedirs(d, exist_ok=True)
import torch
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from gpuTimes import captured, gpu_ms, kernels
from models import catalogue, First

fname = lambda n: n.replace("/", "__")
plain = lambda e, n=160: repr(e)[:n].replace(",", ";").replace("\n", " ")
class Slow(Exception): pass
def alarm(*_): raise Slow("timed out")


def export_one(n, Z):
    import onnx
    family, build, inp = Z[n]; torch.manual_seed(0); torch.set_num_threads(1)
    m = build().eval(); params = sum(p.numel() for p in m.parameters())
    log = {"model": n, "family": family, "parameters": params, "input": list(inp(1, "cpu", torch.float32).shape)}
    if params > 7e8: return log
    for mode in ("dynamic", "static"):
        try:
            dim = {0: torch.export.Dim("batch", min=1, max=64)}
            shapes = None if mode == "static" else {"x": dim} if isinstance(m, First) else (dim,)
            program = torch.onnx.export(m, (inp(2 if mode == "dynamic" else 1, "cpu", torch.float32),), dynamo=True, dynamic_shapes=shapes, verbose=False, optimize=True)
            full = f"{S}/full/{fname(n)}.onnx"; program.save(full, external_data=params > 3e8)
            q = onnx.load(full, load_external_data=False)
            for i in q.graph.initializer:
                if len(i.raw_data) > 1024 or i.data_location == onnx.TensorProto.EXTERNAL:
                    i.ClearField("raw_data"); i.ClearField("external_data"); i.data_location = onnx.TensorProto.EXTERNAL
                    e = i.external_data.add(); e.key, e.value = "location", "weights.bin"
            for part in (q.graph, *q.functions):
                for node in part.node: del node.metadata_props[:]; node.doc_string = ""
            for v in q.graph.value_info: del v.metadata_props[:]
            del q.metadata_props[:]
            open(f"{S}/onnx/{fname(n)}.onnx.gz", "wb").write(gzip.compress(q.SerializeToString(), 9, mtime=0))
            log["onnx"] = mode; log["opset"] = [(o.domain, o.version) for o in q.opset_import]
            return log
        except Slow: raise
        except Exception as e: log["note"] = repr(e)[-160:]
    return log


def worker_export(names):
    Z = catalogue(); signal.signal(signal.SIGALRM, alarm)
    for n in names:
        done = f"{S}/log/{fname(n)}.json"
        if os.path.exists(done) or left() < 20: continue
        signal.alarm(int(max(15, min(110, left() - 10))))
        try: log = export_one(n, Z)
        except BaseException as e: log = {"model": n, "note": plain(e)}
        signal.alarm(0); json.dump(log, open(done, "w"))


def energy(run, ms, nv, board):
    k = max(3, int(300 / ms)); torch.cuda.synchronize(); e, t = nv.nvmlDeviceGetTotalEnergyConsumption(board), time.time()
    for _ in range(k): run()
    torch.cuda.synchronize(); used, took = nv.nvmlDeviceGetTotalEnergyConsumption(board) - e, time.time() - t
    return used / k, used / took / 1e3


CONFIGS = (("graph_fp32_b1", torch.float32, 1), ("graph_fp32_b8", torch.float32, 8), ("graph_fp16_b1", torch.float16, 1), ("graph_fp16_b8", torch.float16, 8), ("graph_fp16_b32", torch.float16, 32))
PROFILED = {"graph_fp32_b1", "graph_fp32_b8", "graph_fp16_b1", "graph_fp16_b8"}
ENERGY = {"graph_fp32_b8", "graph_fp16_b8", "graph_fp16_b32"}


def gpu_one(n, Z, nv, board):
    from torch.profiler import profile, ProfilerActivity
    _, build, inp = Z[n]; torch.manual_seed(0); rows, kern = [], []
    torch.cuda.synchronize(); before = torch.cuda.memory_allocated()
    with torch.device("cuda"): m = build()
    m = m.eval().to("cuda"); now = torch.float32
    with torch.inference_mode():
        for c, dtype, b in CONFIGS:
            if left() < 12: return None
            try:
                if dtype != now: m = m.to(dtype); now = dtype
                x = inp(b, "cuda", dtype); torch.cuda.synchronize(); torch.cuda.reset_peak_memory_stats(); fn = lambda: m(x)
                fn(); torch.cuda.synchronize(); memory = torch.cuda.max_memory_allocated() - before
                g = captured(fn); o = gpu_ms(g.replay); ms = o[len(o) // 2]
                rows.append([n, c, b, ms, (o[-1] - o[0]) / ms, *(energy(g.replay, ms, nv, board) if c in ENERGY else ("", "")), memory]); del g
                if c in PROFILED:
                    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], record_shapes=True) as pr:
                        for _ in range(2): fn()
                        torch.cuda.synchronize()
                    path = f"{S}/tmp/{os.getpid()}.json"; pr.export_chrome_trace(path); kern += [[c, *k] for k in kernels(path)]
            except Slow: raise
            except Exception as err: rows.append([n, c, b, "", "", "", "", plain(err, 120)])
    del m; return rows, kern


def replay_one(n, Z):
    from torch.profiler import profile, ProfilerActivity
    _, build, inp = Z[n]; torch.manual_seed(0); rows = []
    with torch.device("cuda"): m = build()
    m = m.eval().to("cuda"); now = torch.float32; path = f"{S}/tmp/{os.getpid()}.json"
    def events(pr): pr.export_chrome_trace(path); return json.load(open(path))["traceEvents"]
    with torch.inference_mode():
        for c, dtype, b in CONFIGS:
            if c not in PROFILED: continue
            if left() < 8: return None
            try:
                if dtype != now: m = m.to(dtype); now = dtype
                x = inp(b, "cuda", dtype); fn = lambda: m(x); s = torch.cuda.Stream(); s.wait_stream(torch.cuda.current_stream())
                with torch.cuda.stream(s):
                    for _ in range(2): fn()
                torch.cuda.current_stream().wait_stream(s); torch.cuda.synchronize(); g = torch.cuda.CUDAGraph()
                with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], record_shapes=True) as pr:
                    with torch.cuda.graph(g): fn()
                ev = events(pr); ops = {}
                for e in ev:
                    a = e.get("args", {})
                    if e.get("cat") == "cpu_op" and "External id" in a: ops[a["External id"]] = (e["name"], json.dumps(a.get("Input Dims")), json.dumps(a.get("Input type")), json.dumps(a.get("Concrete Inputs")))
                launches = sorted((e["ts"], e["args"].get("External id")) for e in ev if e.get("cat") in ("cuda_runtime", "cuda_driver") and any(w in e["name"] for w in ("LaunchKernel", "MemcpyAsync", "MemsetAsync")))
                g.replay(); torch.cuda.synchronize()
                with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as pr: g.replay(); torch.cuda.synchronize()
                ran = sorted((e["ts"], e["name"], e["dur"]) for e in events(pr) if e.get("cat") in ("kernel", "gpu_memcpy", "gpu_memset")); del g
                if len(launches) == len(ran) + 2: launches = launches[2:]  # the state of the random numbers is filled in before the graph begins
                if len(ran) != len(launches): rows.append([c, "?", len(launches), len(ran), "", "", 0, 0]); continue
                agg = {}
                for (_, op), (_, name, took) in zip(launches, ran): k = (*ops.get(op, ("?", "", "", "")), name[:80]); t = agg.setdefault(k, [0, 0.]); t[0] += 1; t[1] += took
                rows += [[c, *k, calls, round(t, 3)] for k, (calls, t) in agg.items()]
            except Slow: raise
            except Exception as err: rows.append([c, "!", plain(err, 120), "", "", "", 0, 0])
    return rows


def worker_replay(names):
    Z = catalogue(); signal.signal(signal.SIGALRM, alarm)
    torch.backends.cuda.matmul.allow_tf32 = False; torch.backends.cudnn.allow_tf32 = False
    for n in names:
        f = f"{S}/replay/{fname(n)}.json"
        if os.path.exists(f) or left() < 12: continue
        signal.alarm(30)
        try:
            r = replay_one(n, Z)
            if r is not None: json.dump(r, open(f, "w"))
        except BaseException as e: json.dump([["", "!", plain(e), "", "", "", 0, 0]], open(f, "w"))
        signal.alarm(0)


def worker_gpu(names):
    import pynvml as nv
    nv.nvmlInit(); board = nv.nvmlDeviceGetHandleByIndex(int(os.environ["CUDA_VISIBLE_DEVICES"])); Z = catalogue(); signal.signal(signal.SIGALRM, alarm)
    torch.backends.cuda.matmul.allow_tf32 = False; torch.backends.cudnn.allow_tf32 = False
    for n in names:
        f = f"{S}/gpu/{fname(n)}.json"
        if os.path.exists(f) or left() < 25: continue
        signal.alarm(60)
        try:
            r = gpu_one(n, Z, nv, board)
            if r: json.dump(r[1], open(f"{S}/kern/{fname(n)}.json", "w")); json.dump(r[0], open(f, "w"))
        except BaseException as e:
            # a capture that failed leaves the generator of random numbers in it: only a new process is sound
            if "outside graph capture" in str(e): signal.alarm(0); os.execv(sys.executable, [sys.executable, *sys.argv[:1], str(left()), *sys.argv[2:]])
            json.dump([[n, "error", 0, "", "", "", "", plain(e, 200)]], open(f, "w"))
        signal.alarm(0)
        if torch.cuda.memory_reserved() > 6e10: torch.cuda.empty_cache()


def worker_cpu(names):
    import onnxruntime as ort
    signal.signal(signal.SIGALRM, alarm); Z = catalogue()
    for n in names:
        f, p = f"{S}/cpu/{fname(n)}.json", f"{S}/full/{fname(n)}.onnx"
        if os.path.exists(f) or not os.path.exists(p) or left() < 25: continue
        signal.alarm(70); rows = []
        try:
            for th in (4, 1):
                so = ort.SessionOptions(); so.intra_op_num_threads = th; so.inter_op_num_threads = 1
                s = ort.InferenceSession(p, so, providers=["CPUExecutionProvider"]); x = Z[n][2](1, "cpu", torch.float32).numpy(); i = s.get_inputs()[0].name
                s.run(None, {i: x}); o, t1 = [], time.time()
                while len(o) < 3 or (time.time() - t1 < .8 and len(o) < 60): t = time.perf_counter(); s.run(None, {i: x}); o.append((time.perf_counter() - t) * 1e3)
                o.sort(); rows.append([n, "ort", th, o[len(o) // 2], (o[int(len(o) * .75)] - o[len(o) // 4]) / o[len(o) // 2], len(o)]); del s
        except BaseException as e: rows.append([n, "ort", 0, "", "", plain(e, 200)])
        signal.alarm(0); json.dump(rows, open(f, "w"))
        for name in os.listdir(f"{S}/full"):
            if name.startswith(fname(n) + ".onnx"): os.remove(f"{S}/full/{name}")


if A.worker:
    kind, names = A.worker.split(":", 1); {"export": worker_export, "gpu": worker_gpu, "cpu": worker_cpu, "replay": worker_replay}[kind](open(names).read().split()); sys.exit()

names = sorted(catalogue()); random.Random(1).shuffle(names)
if A.only: names = [n for n in names if n in A.only.split(",")]
def spawn(kind, part, cores, seconds, gpu=0):
    f = f"{S}/{kind}_{cores[0]}.txt"; open(f, "w").write("\n".join(part))
    return subprocess.Popen(["taskset", "-c", ",".join(map(str, cores)), sys.executable, __file__, str(seconds), "--state", S, "--worker", f"{kind}:{f}"], stdout=open(f"{S}/{kind}_{cores[0]}.log", "w"), stderr=subprocess.STDOUT, env={**os.environ, "CUDA_VISIBLE_DEVICES": str(gpu)})
def finish(ps, seconds):
    end = time.time() + seconds
    for p in ps:
        try: p.wait(timeout=max(1, end - time.time()))
        except subprocess.TimeoutExpired: p.kill()
C, G = os.cpu_count(), torch.cuda.device_count()
def kernel_table(name, rows):
    buffer = io.StringIO(); q = csv.writer(buffer); q.writerow(["model", "configuration", "operator", "input_dims", "input_types", "concrete_inputs", "kernel", "calls", "microseconds"]); q.writerows(rows)
    open(f"{OUT}/{name}", "wb").write(gzip.compress(buffer.getvalue().encode(), 9, mtime=0))
known = lambda kind, n: json.load(open(f"{S}/{kind}/{fname(n)}.json")) if os.path.exists(f"{S}/{kind}/{fname(n)}.json") else None
if A.replay:
    Z = catalogue(); names = [n for n in names if Z[n][0] in A.replay.split(",")]; random.Random(A.seed).shuffle(names); W = 2
    finish([spawn("replay", names[i::W * G], list(range(6 * i, 6 * i + 6)), left() - 6, i % G) for i in range(W * G)], left() - 4)
    rows = [[n, *r] for n in names for r in known("replay", n) or []]; kernel_table("replay.csv.gz", rows)
    print("replayed", len(os.listdir(f"{S}/replay")), "of", len(names), "rows", len(rows), f"{time.time() - START:.0f} s"); print([r for r in rows if r[2] in "?!"][:12]); sys.exit()
gpus = [spawn("gpu", names[i::G], [2 * i, 2 * i + 1], left() - 15, i) for i in range(G)]
todo = [n for n in names if not os.path.exists(f"{S}/log/{fname(n)}.json")]; free = list(range(2 * G, C)); limit = A.seconds * A.export_share
if todo: finish([spawn("export", todo[i::len(free)], [c], limit) for i, c in enumerate(free)], limit + 10)
print("exported", len(os.listdir(f"{S}/onnx")), "of", len(names), f"{time.time() - START:.0f} s", flush=True)
groups = [free[i:i + 4] for i in range(0, len(free) - 3, 4)]
finish(gpus + [spawn("cpu", names[i::len(groups)], g, left() - 15) for i, g in enumerate(groups)], left() - 8)
def table(name, head):
    w = csv.writer(open(f"{OUT}/{name}", "w", newline="")); w.writerow(head); return w
w, g, c, k = table("models.csv", ["model", "family", "input", "parameters", "onnx", "opset", "note"]), table("gpu.csv", ["model", "configuration", "batch", "latency_ms", "spread", "energy_mj", "power_w", "memory_bytes"]), table("cpu.csv", ["model", "runtime", "threads", "latency_ms", "spread", "repeats"]), []
for n in names:
    l = known("log", n) or {}
    w.writerow([n, l.get("family", ""), "x".join(map(str, l.get("input", []))), l.get("parameters", ""), l.get("onnx", ""), json.dumps(l.get("opset", "")), l.get("note", "").replace("\n", " ")])
    g.writerows(known("gpu", n) or []); c.writerows(known("cpu", n) or []); k += [[n, *r] for r in known("kern", n) or []]
kernel_table("kernels.csv.gz", k)
with tarfile.open(f"{OUT}/onnx.tar", "w") as t:
    for n in sorted(os.listdir(f"{S}/onnx")): t.add(f"{S}/onnx/{n}", n)
import onnxruntime, torchvision, transformers
cpu = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
json.dump({"gpu": torch.cuda.get_device_name(0) if G else None, "gpus": G, "cpu": cpu, "cores": C, "torch": torch.__version__, "cuda": torch.version.cuda, "torchvision": torchvision.__version__, "transformers": transformers.__version__, "onnxruntime": onnxruntime.__version__}, open(f"{OUT}/device.json", "w"))
print("gpu", len(os.listdir(f"{S}/gpu")), "cpu", len(os.listdir(f"{S}/cpu")), "kernels", len(k), f"{time.time() - START:.0f} s")
for f in sorted(os.listdir(S)):
    if f.endswith(".log") and os.path.getsize(f"{S}/{f}"): print(f, open(f"{S}/{f}").read()[-300:])
