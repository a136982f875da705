"""What models of timm cost on the machine that it runs on, their programs, and the time of their kernels; and the operators of ONNX models on its processor.

    OUT=out python3 datasets/collect/timm/collect.py SECONDS MODELS.csv[.gz] [--onnx ONNX.tar] [--done NAMES.txt] [--gpu 1] [--exporters 3]

MODELS.csv has columns model and img_size (a model is taken at its own size only). One process has the GPU, `--exporters` make programs, a core each; the other
cores, four by four, time first the ONNX models of ONNX.tar (missing weights are random), then those of timm.
Writes to $OUT:
device.json       GPU, processor, driver and versions of the libraries
gpu.csv           model, configuration, batch, latency_ms (median of five passes of a CUDA graph), spread, energy_mj, power_w
cpu.csv           model, runtime, threads, latency_ms (median), spread (between quartiles), repeats (PyTorch eager or ONNX Runtime, batch 1, fp32)
kernels.csv.gz    as datasets/collect/zoo/collect.py has it: PyTorch profiler, eager, fp16, batch 8, two steps
programs_N.tar    NAME.json.gz: the `torch.export` program at batch 1 as a .pt2 archive has it, without stack traces
ort.tar           NAME.tTHREADS.json.gz: profile of ONNX Runtime, without what threads did
notes.txt         what failed, and why
"""
import argparse, csv, gzip, io, json, os, platform, random, signal, subprocess, sys, tarfile, tempfile, time, warnings
warnings.filterwarnings("ignore"); os.environ["HF_HUB_OFFLINE"] = "1"
P = argparse.ArgumentParser(); P.add_argument("seconds", type=float); P.add_argument("models"); P.add_argument("--onnx", default=""); P.add_argument("--done", default="")
P.add_argument("--gpu", type=int, default=1); P.add_argument("--exporters", type=int, default=3); P.add_argument("--worker", default=""); P.add_argument("--only", default=""); P.add_argument("--state", default=os.path.join(tempfile.gettempdir(), "timm"))
A = P.parse_args(); START = time.time(); left = lambda: A.seconds - (time.time() - START)
S = A.state; OUT = os.environ.get("OUT", "out")
for d in (OUT, S, *(f"{S}/{d}" for d in ("gpu", "cpu", "kern", "program", "ort", "note", "onnx", "tmp"))): os.makedirs(d, exist_ok=True)
fname = lambda n: n.replace("/", "__")
class Slow(Exception): pass
def alarm(*_): raise Slow("timed out")
def note(kind, n, e): open(f"{S}/note/{kind}_{fname(n)}", "w").write(f"{kind} {n} {e!r}"[:300].replace("\n", " "))
def save(path, data, raw=False):
    with open(path + ".part", "wb") as f: f.write(data if raw else json.dumps(data).encode())
    os.replace(path + ".part", path)
read = lambda p: (gzip.open(p, "rt") if p.endswith(".gz") else open(p)).read()


def build(n, device):
    import timm, torch
    if device == "cpu":  # weights as they come: cost does not depend on them, and drawing them takes longer than the rest
        try:
            with torch.device("meta"): m = timm.create_model(n, pretrained=False)
        except NotImplementedError: return timm.create_model(n, pretrained=False).eval()
        m = m.to_empty(device="cpu")
        with torch.no_grad():
            for t in (*m.parameters(), *m.buffers()): t.fill_(.01) if t.is_floating_point() else t.zero_()
        return m.eval()
    with torch.device(device): return timm.create_model(n, pretrained=False).eval()


def each(kind, names, reserve, limit, work):
    signal.signal(signal.SIGALRM, alarm)
    for n in names:
        if left() < reserve: break
        signal.alarm(int(max(2, min(limit, left() - 5))))
        try: work(n)
        except BaseException as e: note(kind, n, e)
        signal.alarm(0)


def worker_program(names):
    import timm, torch
    from torch._export.serde.serialize import serialize
    torch.set_num_threads(1)
    def work(n):
        size = SIZES[n]; x = torch.empty(1, 3, size, size, device="meta")
        try:
            with torch.device("meta"): m = timm.create_model(n, pretrained=False).eval()
            with torch.no_grad(): p = torch.export.export(m, (x,), strict=False)
        except Slow: raise
        except Exception:
            m = timm.create_model(n, pretrained=False).eval()
            with torch.no_grad(): p = torch.export.export(m, (torch.zeros(1, 3, size, size),), strict=False)
        for node in p.graph.nodes:
            for k in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn", "from_node"): node.meta.pop(k, None)
        b = serialize(p).exported_program
        q = json.loads(b) if isinstance(b, (bytes, str)) else b
        for node in q["graph_module"]["graph"]["nodes"]: node["metadata"] = {}
        save(f"{S}/program/{fname(n)}.json.gz", gzip.compress(json.dumps(q, separators=(",", ":")).encode(), 9, mtime=0), raw=True)
    each("program", names, 12, 25, work)


def worker_gpu(names):
    import pynvml as nv, torch
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    from gpuTimes import captured, gpu_ms, kernels
    from torch.profiler import profile, ProfilerActivity
    nv.nvmlInit(); board = nv.nvmlDeviceGetHandleByIndex(0)
    torch.backends.cuda.matmul.allow_tf32 = False; torch.backends.cudnn.allow_tf32 = False
    def work(n):
        m = build(n, "cuda"); size, rows, kern = SIZES[n], [], []
        with torch.inference_mode():
            for c, dtype, b in (("graph_fp32_b1", torch.float32, 1), ("graph_fp16_b8", torch.float16, 8)):
                m = m.to(dtype); x = torch.randn(b, 3, size, size, device="cuda", dtype=dtype); fn = lambda: m(x); fn(); torch.cuda.synchronize()
                g = captured(fn); o = gpu_ms(g.replay, target=20.0); ms = o[len(o) // 2]; used = power = ""
                if b == 8:
                    k = max(3, int(250 / ms)); torch.cuda.synchronize(); e, t = nv.nvmlDeviceGetTotalEnergyConsumption(board), time.time()
                    for _ in range(k): g.replay()
                    torch.cuda.synchronize(); took = time.time() - t; used = (nv.nvmlDeviceGetTotalEnergyConsumption(board) - e) / k; power = used * k / took / 1e3
                rows.append([n, c, b, ms, (o[-1] - o[0]) / ms, used, power]); del g
                if b == 8:
                    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], record_shapes=True) as pr:
                        for _ in range(2): fn()
                        torch.cuda.synchronize()
                    path = f"{S}/tmp/gpu.json"; pr.export_chrome_trace(path); kern += [[c, *k] for k in kernels(path)]
        save(f"{S}/kern/{fname(n)}.json", kern); save(f"{S}/gpu/{fname(n)}.json", rows)
        if torch.cuda.memory_reserved() > 6e10: torch.cuda.empty_cache()
    def guarded(n):
        try: work(n)
        except BaseException as e:
            note("gpu", n, e)
            # a capture that failed leaves the generator of random numbers in it: only a new process is sound
            if "capture" in repr(e): signal.alarm(0); os.execv(sys.executable, [sys.executable, __file__, str(left()), *sys.argv[2:]])
    each("gpu", [n for n in names if not os.path.exists(f"{S}/gpu/{fname(n)}.json") and not os.path.exists(f"{S}/note/gpu_{fname(n)}")], 12, 30, guarded)


def timed(run, least, most, seconds):
    run(); o, t0 = [], time.time()
    while len(o) < least or (time.time() - t0 < seconds and len(o) < most): t = time.perf_counter(); run(); o.append((time.perf_counter() - t) * 1e3)
    o.sort(); return o[len(o) // 2], (o[int(len(o) * .75)] - o[len(o) // 4]) / o[len(o) // 2], len(o)


def worker_ort(names):
    import numpy, onnx, onnxruntime as ort
    from onnx import numpy_helper
    def work(n):
        m = onnx.load_from_string(gzip.decompress(open(f"{S}/onnx/{n}.onnx.gz", "rb").read())); r = numpy.random.default_rng(0)
        for i in m.graph.initializer:
            if i.data_location == onnx.TensorProto.EXTERNAL:
                t = onnx.helper.tensor_dtype_to_np_dtype(i.data_type); d = tuple(i.dims)
                a = (r.random(d, dtype=numpy.float32) * .02).astype(t) if numpy.issubdtype(t, numpy.floating) else numpy.zeros(d, t); c = numpy_helper.from_array(a, i.name); i.CopyFrom(c)
        p = f"{S}/tmp/{n}.onnx"; onnx.save(m, p, save_as_external_data=True, location=f"{n}.weights"); rows = []
        try:
            for th in (4, 1):
                if th == 1 and rows and rows[0][3] > 1500: continue
                so = ort.SessionOptions(); so.intra_op_num_threads = th; so.inter_op_num_threads = 1; s = ort.InferenceSession(p, so, providers=["CPUExecutionProvider"])
                feed = {}
                for i in s.get_inputs():
                    d = [k if isinstance(k, int) else 1 for k in i.shape]; t = {"tensor(int64)": numpy.int64, "tensor(int32)": numpy.int32, "tensor(bool)": numpy.bool_}.get(i.type, numpy.float32)
                    feed[i.name] = numpy.ones(d, t)
                rows.append([n.replace("__", "/"), "ort", th, *timed(lambda: s.run(None, feed), 3, 40, .5)]); del s
                so = ort.SessionOptions(); so.intra_op_num_threads = th; so.inter_op_num_threads = 1; so.enable_profiling = True; so.profile_file_prefix = f"{S}/tmp/{n}_{th}"; s = ort.InferenceSession(p, so, providers=["CPUExecutionProvider"])
                t0 = time.time()
                for k in range(6):
                    s.run(None, feed)
                    if k >= 2 and time.time() - t0 > 3: break
                f = s.end_profiling(); del s; ev = [e for e in json.load(open(f)) if e.get("cat") != "Node" or e["name"].endswith("_kernel_time")]; os.remove(f)
                for e in ev: e.get("args", {}).pop("thread_scheduling_stats", None)
                save(f"{S}/ort/{n}.t{th}.json.gz", gzip.compress(json.dumps(ev, separators=(",", ":")).encode(), 9, mtime=0), raw=True)
            save(f"{S}/cpu/ort_{n}.json", rows)
        finally:
            for e in ("onnx", "weights"):
                if os.path.exists(f"{S}/tmp/{n}.{e}"): os.remove(f"{S}/tmp/{n}.{e}")
    each("ort", names, 15, 60, work)


def worker_cpu(names):
    import torch
    torch.set_num_threads(4); torch.set_num_interop_threads(1)
    def work(n):
        m = build(n, "cpu"); x = torch.zeros(1, 3, SIZES[n], SIZES[n])
        with torch.inference_mode(): save(f"{S}/cpu/{fname(n)}.json", [[n, "eager", 4, *timed(lambda: m(x), 3, 30, .5)]])
    each("cpu", names, 10, 20, work)


if A.models.endswith(".json"): SIZES = json.loads(read(A.models))
if A.worker:
    kind, names = A.worker.split(":", 1); names = open(names).read().split()
    {"program": worker_program, "gpu": worker_gpu, "ort": worker_ort, "cpu": worker_cpu}[kind](names); sys.exit()

import timm
sizes = {}
for r in csv.DictReader(io.StringIO(read(A.models))):
    try: own = timm.get_pretrained_cfg(r["model"], allow_unregistered=False)
    except Exception: own = None
    if own is not None and own.input_size[-1] == int(r["img_size"]) and own.input_size[-1] == own.input_size[-2]: sizes[r["model"]] = int(r["img_size"])
json.dump(sizes, open(f"{S}/sizes.json", "w")); names = sorted(sizes); random.Random(1).shuffle(names)
if A.only: names = [n for n in names if n in A.only.split(",")]
done = {k: set() for k in ("gpu", "cpu", "program", "ort")}
if A.done:
    for l in open(A.done): k, n = l.split(); done[k].add(n)
print("models", len(names), "done", {k: len(v) for k, v in done.items()}, flush=True)
def spawn(kind, part, cores, gpu=""):
    f = f"{S}/{kind}_{cores[0]}.txt"; open(f, "w").write("\n".join(part))
    return subprocess.Popen(["taskset", "-c", ",".join(map(str, cores)), sys.executable, __file__, str(left() - 8), f"{S}/sizes.json", "--state", S, "--worker", f"{kind}:{f}"], stdout=open(f"{S}/{kind}_{cores[0]}.log", "w"), stderr=subprocess.STDOUT, env={**os.environ, "CUDA_VISIBLE_DEVICES": gpu})
def finish(ps, seconds):
    end = time.time() + seconds
    for p in ps:
        try: p.wait(timeout=max(1, end - time.time()))
        except subprocess.TimeoutExpired: p.kill()
C, todo = os.cpu_count(), lambda kind: [n for n in names if n not in done[kind]]
running, at = [], 0
if A.gpu: running.append(spawn("gpu", todo("gpu"), [at], "0")); at += 1
for i in range(A.exporters): running.append(spawn("program", todo("program")[i::A.exporters], [at])); at += 1
groups = [list(range(c, c + 4)) for c in range(at, C - 3, 4)]
if A.onnx:
    with tarfile.open(A.onnx) as t:
        for i in t: open(f"{S}/onnx/{os.path.basename(i.name)}", "wb").write(t.extractfile(i).read())
    onnx = sorted(f[:-8] for f in os.listdir(f"{S}/onnx") if f.endswith(".onnx.gz")); random.Random(1).shuffle(onnx); onnx = [n for n in onnx if n not in done["ort"]][: 6 if A.only else None]
    finish([spawn("ort", onnx[i::len(groups)], g) for i, g in enumerate(groups)], left() - 10); print("ONNX", len(os.listdir(f"{S}/ort")), f"{time.time() - START:.0f} s", flush=True)
finish([spawn("cpu", todo("cpu")[i::len(groups)], g) for i, g in enumerate(groups)] + running, left() - 6)
def table(name, head, folder):
    w = csv.writer(open(f"{OUT}/{name}", "w", newline="")); w.writerow(head)
    for f in sorted(os.listdir(f"{S}/{folder}")): w.writerows(json.load(open(f"{S}/{folder}/{f}")))
table("gpu.csv", ["model", "configuration", "batch", "latency_ms", "spread", "energy_mj", "power_w"], "gpu"); table("cpu.csv", ["model", "runtime", "threads", "latency_ms", "spread", "repeats"], "cpu")
buffer = io.StringIO(); q = csv.writer(buffer); q.writerow(["model", "configuration", "operator", "input_dims", "input_types", "concrete_inputs", "kernel", "calls", "microseconds"])
for f in sorted(os.listdir(f"{S}/kern")): q.writerows([f[:-5], *r] for r in json.load(open(f"{S}/kern/{f}")))
open(f"{OUT}/kernels.csv.gz", "wb").write(gzip.compress(buffer.getvalue().encode(), 9, mtime=0))
def pack(folder, name, most=15 << 20, files=3):
    part, size, t = 0, most, None
    for f in sorted(os.listdir(f"{S}/{folder}")):
        s = os.path.getsize(f"{S}/{folder}/{f}") + 1024
        if size + s > most:
            if t: t.close()
            part += 1; size = 0
            if part > files: print("no room for", folder, f); return
            t = tarfile.open(f"{OUT}/{name}_{part}.tar", "w")
        t.add(f"{S}/{folder}/{f}", f); size += s
    if t: t.close()
pack("program", "programs", files=2); pack("ort", "ort", files=1)
open(f"{OUT}/notes.txt", "w").write("\n".join(open(f"{S}/note/{f}").read() for f in sorted(os.listdir(f"{S}/note"))))
import torch, onnxruntime
cpu = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
json.dump({"gpu": torch.cuda.get_device_name(0) if A.gpu else None, "cpu": cpu, "cores": C, "torch": torch.__version__, "cuda": torch.version.cuda, "timm": timm.__version__, "onnxruntime": onnxruntime.__version__}, open(f"{OUT}/device.json", "w"))
print({d: len(os.listdir(f"{S}/{d}")) for d in ("gpu", "cpu", "program", "ort", "note")}, f"{time.time() - START:.0f} s"); print(open(f"{OUT}/notes.txt").read()[:2500])
for f in sorted(os.listdir(S)):
    if f.endswith(".log") and os.path.getsize(f"{S}/{f}"): print(f, open(f"{S}/{f}").read()[-300:])
