"""Measures NAS-Bench-201 networks under many execution configurations of the machine it runs on.

    python3 collect_nb201.py FIRST LAST SECONDS      -> $OUT/nb201_{gpu,cpuA,cpuB,cpuC,cpuD}.csv
    FIRST is one number, or a start per group: gpu=280,cpuA=400,cpuB=...
    hwcast ingest $OUT ... --out DATASET --min-agreement 0.95

Needs torch, pynvml, numpy, onnx and onnxruntime. One process per group of cores, so that configurations do not disturb each other. Networks
are taken in blocks in a fixed random order, so each configuration holds a prefix of the same list; each configuration of a block is timed in
passes some time apart, so that the passes show the noise a user would see. Columns are those `hwcast ingest` knows by name: workload, device
(the configuration), run (when this process was started: passes of one run share its drift), pass, latency_ms (median over the repeats of the
pass), mad_ms and min_ms within the pass, repeats, energy_mj (NVML counter of the whole board from one of its ticks to another at least 0.2 s
later, per replay; only where the configuration says so: in both passes where it says 2, else in the first).
"""
import csv, os, random, statistics as st, subprocess, sys, time

OUT = os.environ.get("OUT", "out"); os.makedirs(OUT, exist_ok=True)
OPS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]

def architectures(n=4000, seed=201):
    rng, seen = random.Random(seed), []
    while len(seen) < n:
        a = tuple(rng.choice(OPS) for _ in range(6))
        if a not in seen: seen.append(a)
    return seen

def name(a): return f"|{a[0]}~0|+|{a[1]}~0|{a[2]}~1|+|{a[3]}~0|{a[4]}~1|{a[5]}~2|"

def med(v): m = st.median(v); return m, st.median([abs(x - m) for x in v]), len(v), min(v)

# ---- the network in PyTorch -------------------------------------------------------------------
def live(arch):
    """The operators on a path from the cell's input to its output; the others become `none`."""
    ends, a, reach, use = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)], list(arch), {0}, {3}
    for (s, t), o in zip(ends, a):
        if s in reach and o != "none": reach.add(t)
    for (s, t), o in reversed(list(zip(ends, a))):
        if t in use and o != "none": use.add(s)
    return [o if s in reach and t in use else "none" for (s, t), o in zip(ends, a)]

def torch_net(arch, C=16, N=5, prune=False):
    """prune: without `none` and whatever has no path from input to output, as a compiler would leave it."""
    import torch.nn as nn
    if prune: arch = live(arch)
    class RCB(nn.Sequential):
        def __init__(s, ci, co, k, stride): super().__init__(nn.ReLU(), nn.Conv2d(ci, co, k, stride, k // 2, bias=False), nn.BatchNorm2d(co))
    class Zero(nn.Module):
        def forward(s, x): return x.mul(0.)
    class Cell(nn.Module):
        def __init__(s, c):
            super().__init__()
            mk = {"none": Zero, "skip_connect": nn.Identity, "nor_conv_1x1": lambda: RCB(c, c, 1, 1), "nor_conv_3x3": lambda: RCB(c, c, 3, 1), "avg_pool_3x3": lambda: nn.AvgPool2d(3, 1, 1, count_include_pad=False)}
            s.e = nn.ModuleList([mk[o]() for o in arch])
        def forward(s, x):
            if prune: return s.pruned(x)
            e = s.e; n1 = e[0](x); n2 = e[1](x) + e[2](n1); return e[3](x) + e[4](n1) + e[5](n2)
        def pruned(s, x):
            node = [x, None, None, None]
            for (i, j), o, f in zip([(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)], arch, s.e):
                if o != "none": y = f(node[i]); node[j] = y if node[j] is None else node[j] + y
            return x.mul(0.) if node[3] is None else node[3]
    class Res(nn.Module):
        def __init__(s, ci, co): super().__init__(); s.a, s.b, s.d = RCB(ci, co, 3, 2), RCB(co, co, 3, 1), nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(ci, co, 1, bias=False))
        def forward(s, x): return s.d(x) + s.b(s.a(x))
    L, c = [nn.Conv2d(3, C, 3, 1, 1, bias=False), nn.BatchNorm2d(C)], C
    for stage in range(3):
        if stage: L.append(Res(c, 2 * c)); c *= 2
        L += [Cell(c) for _ in range(N)]
    return nn.Sequential(*L, nn.BatchNorm2d(c), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 10)).eval()

# ---- the same network in ONNX, written directly (batch norm as an affine after each convolution) -----
def onnx_net(arch, batch, prune=False, C=16, N=5):
    import numpy as np, onnx
    from onnx import helper as h, numpy_helper as nh, TensorProto as T
    nodes, init, k, rng = [], [], [0], np.random.default_rng(0)
    def new(p): k[0] += 1; return f"{p}{k[0]}"
    def op(t, ins, **a): o = new(t); nodes.append(h.make_node(t, ins, [o], **a)); return o
    def w(*s): n = new("w"); init.append(nh.from_array((rng.standard_normal(s) * .05).astype(np.float32), n)); return n
    def conv(x, ci, co, ks, s): return op("Conv", [x, w(co, ci, ks, ks)], kernel_shape=[ks, ks], strides=[s, s], pads=[ks // 2] * 4)
    def bn(x, c): n = [new("bn") for _ in range(4)]; [init.append(nh.from_array((np.ones if i in (0, 3) else np.zeros)(c).astype(np.float32), v)) for i, v in enumerate(n)]; return op("BatchNormalization", [x] + n)
    def rcb(x, ci, co, ks, s): return bn(conv(op("Relu", [x]), ci, co, ks, s), co)
    zero = new("z"); init.append(nh.from_array(np.zeros((), np.float32), zero))
    def edge(o, x, c):
        if o == "none": return op("Mul", [x, zero])
        if o == "skip_connect": return x
        if o == "avg_pool_3x3": return op("AveragePool", [x], kernel_shape=[3, 3], strides=[1, 1], pads=[1] * 4, count_include_pad=0)
        return rcb(x, c, c, 1 if o.endswith("1x1") else 3, 1)
    def pruned(x, c):
        """The cell as an exporter leaves it that drops `none` and whatever has no path from input to output."""
        on = [o != "none" for o in arch]; live2 = on[5]; live1 = on[4] or (on[2] and live2)
        add = lambda *v: (lambda u: u[0] if len(u) == 1 else op("Add", [add(*u[:-1]), u[-1]]) if u else None)([t for t in v if t])
        at = lambda i, t: edge(arch[i], t, c) if on[i] and t else None
        n1 = at(0, x) if live1 else None; n2 = add(at(1, x), at(2, n1)) if live2 else None
        return add(at(3, x), at(4, n1), at(5, n2)) or op("Mul", [x, zero])
    def cell(x, c):
        if prune: return pruned(x, c)
        n1 = edge(arch[0], x, c); n2 = op("Add", [edge(arch[1], x, c), edge(arch[2], n1, c)])
        return op("Add", [op("Add", [edge(arch[3], x, c), edge(arch[4], n1, c)]), edge(arch[5], n2, c)])
    x, c = bn(conv("x", 3, C, 3, 1), C), C
    for stage in range(3):
        if stage:
            d = conv(op("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2]), c, 2 * c, 1, 1)
            x = op("Add", [d, rcb(rcb(x, c, 2 * c, 3, 2), 2 * c, 2 * c, 3, 1)]); c *= 2
        for _ in range(N): x = cell(x, c)
    x = op("Flatten", [op("GlobalAveragePool", [op("Relu", [bn(x, c)])])]); x = op("Gemm", [x, w(c, 10)])
    g = h.make_graph(nodes, "nb201", [h.make_tensor_value_info("x", T.FLOAT, [batch, 3, 32, 32])], [h.make_tensor_value_info(x, T.FLOAT, [batch, 10])], init)
    m = h.make_model(g, opset_imports=[h.make_opsetid("", 17)]); m.ir_version = 8
    return m.SerializeToString()

# ---- measuring ----------------------------------------------------------------------------------
def gpu(archs, deadline, write):
    import torch, pynvml
    torch.backends.cudnn.benchmark = True
    pynvml.nvmlInit(); H = pynvml.nvmlDeviceGetHandleByIndex(0); mj = lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(H)
    F32, BF = torch.float32, torch.bfloat16; cl = torch.channels_last
    # batch, element type, TF32, memory format, passes with energy, channels of the first stage, dead operators removed
    G = {"graph_fp32_b1": (1, F32, False, None, 0, 16, False), "graph_bf16_b1": (1, BF, False, None, 0, 16, False), "graph_fp32_b32": (32, F32, False, None, 0, 16, False),
         "graph_tf32_b256": (256, F32, True, None, 1, 16, False), "graph_bf16_b256_channels_last": (256, BF, False, cl, 2, 16, False)}
    if SET == "second":
        H16 = torch.float16
        G = {"graph_fp32_b1_pruned": (1, F32, False, None, 0, 16, True), "graph_fp16_b64_channels_last": (64, H16, False, cl, 0, 16, False),
             "graph_fp32_b256": (256, F32, False, None, 1, 16, False), "graph_tf32_b128_width64": (128, F32, True, None, 0, 64, False),
             "graph_tf32_b128_pruned": (128, F32, True, None, 0, 16, True)}
    X = {k: torch.randn(v[0], 3, 32, 32, device="cuda", dtype=v[1]).to(memory_format=v[3] or torch.contiguous_format) for k, v in G.items()}
    ev = [torch.cuda.Event(enable_timing=True) for _ in range(41)]
    def timed(fn, reps, inner):
        for i in range(reps):
            ev[i].record()
            for _ in range(inner): fn()
        ev[reps].record(); torch.cuda.synchronize()
        return med([ev[i].elapsed_time(ev[i + 1]) / inner for i in range(reps)])
    def capture(net, x):
        s = torch.cuda.Stream(); s.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(s): net(x); net(x)
        torch.cuda.current_stream().wait_stream(s); g = torch.cuda.CUDAGraph()
        with torch.cuda.graph(g): net(x)
        return g
    def energy(g, one):
        n, k, e0, t0, last = 0, max(1, int(4 / one)), None, 0, mj()
        while True:
            for _ in range(k): g.replay()
            torch.cuda.synchronize(); e, t = mj(), time.time()
            if e0 is not None: n += k
            if e != last:
                if e0 is None: e0, t0 = e, t
                elif t - t0 >= .2: return (e - e0) / n
                last = e
    B = 12
    with torch.inference_mode():
        for i in range(0, len(archs), B):
            if time.time() > deadline: break
            block = []
            for a in archs[i:i + B]:
                base = torch_net(a).cuda(); gs = {}
                for k, (b, d, tf, m, e, c, prune) in G.items():
                    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf
                    net = torch_net(a, C=c, prune=prune).cuda().to(d)
                    if m: net = net.to(memory_format=m)
                    gs[k] = (capture(net, X[k]), net)
                torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
                block.append((a, base, gs))
            for p in (0, 1):
                for a, base, gs in block:
                    for k, (_, _, _, _, e, _, _) in G.items():
                        g = gs[k][0]; timed(g.replay, 3, 1); one = timed(g.replay, 3, 1)[0]
                        r = timed(g.replay, 15, max(1, int(2.0 / one))); en = ""
                        if e > p: en = f"{energy(g, r[0]):.4f}"
                        write(a, k, p, r, en)
                    if EAGER: f = lambda: base(X["graph_fp32_b1"]); timed(f, 2, 1); write(a, "eager_fp32_b1", p, timed(f, 15, 1), "")
            del block; torch.cuda.empty_cache()

def cpu(archs, deadline, write, configs):
    import numpy as np
    def ort(a, threads, batch, opt, prune=False):
        import onnxruntime as o
        s = o.SessionOptions(); s.intra_op_num_threads = threads; s.inter_op_num_threads = 1; s.log_severity_level = 3
        s.graph_optimization_level = o.GraphOptimizationLevel.ORT_ENABLE_ALL if opt else o.GraphOptimizationLevel.ORT_DISABLE_ALL
        q = o.InferenceSession(onnx_net(a, batch, prune), s, providers=["CPUExecutionProvider"]); x = np.random.rand(batch, 3, 32, 32).astype(np.float32)
        return lambda: q.run(None, {"x": x})
    def eager(a, threads, batch, how):
        import torch, warnings
        warnings.filterwarnings("ignore")
        torch.set_num_threads(threads); n = torch_net(a); x = torch.randn(batch, 3, 32, 32)
        if how == "bf16": n, x = n.to(torch.bfloat16), x.to(torch.bfloat16)
        if how == "frozen":
            with torch.inference_mode(): n = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(n, x)))
        def f():
            with torch.inference_mode(): n(x)
        return f
    B = 60
    for i in range(0, len(archs), B):
        if time.time() > deadline: break
        block = [(a, {k: (ort if k.startswith("ort") else eager)(a, *v) for k, v in configs.items()}) for a in archs[i:i + B]]
        for p in range(PASSES):
            for a, fs in block:
                for k, f in fs.items():
                    for _ in range(2): f()
                    v = []
                    for _ in range(12): t = time.perf_counter(); f(); v.append((time.perf_counter() - t) * 1e3)
                    write(a, k, p, med(v), "")

RUN = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
EAGER, PASSES = False, 4      # the first two runs: True, 2
# The first two runs also had ort_t4_b1, torch_t1_b1_bf16 and torchscript_t1_b1_frozen (1, 1, "frozen"): too noisy here.
GROUPS = {"gpu": ("0-1", gpu, None),
          "cpuA": ("4-7", cpu, {"ort_t4_b16": (4, 16, True)}),
          "cpuB": ("10", cpu, {"ort_t1_b1": (1, 1, True), "ort_t1_b1_pruned": (1, 1, True, True)}),
          "cpuC": ("14", cpu, {"torch_t1_b1": (1, 1, "")}),
          "cpuD": ("12", cpu, {"ort_t1_b1_unoptimised": (1, 1, False)})}
SET = os.environ.get("SET", "first")
if SET == "second":
    GROUPS = {"gpu": ("0-1", gpu, None), "cpuA": ("4-7", cpu, {"ort_t4_b64_pruned": (4, 64, True, True)}), "cpuB": ("10", cpu, {"ort_t1_b8": (1, 8, True)})}

if __name__ == "__main__":
    last, seconds = int(sys.argv[2]), float(sys.argv[3])
    start = dict(kv.split("=") for kv in sys.argv[1].split(",")) if "=" in sys.argv[1] else {}
    first = lambda g: int(start.get(g, 0) if start else sys.argv[1])
    if len(sys.argv) == 4:
        ps = [subprocess.Popen(["taskset", "-c", GROUPS[g][0], sys.executable, __file__, str(first(g)), str(last), str(time.time() + seconds), g], env={**os.environ, "RUN": RUN, "SET": SET, "OMP_NUM_THREADS": "4" if g == "cpuA" else "1"}) for g in GROUPS]
        sys.exit(max(p.wait() for p in ps))
    g = sys.argv[4]
    run = os.environ["RUN"]
    f = open(f"{OUT}/nb201_{g}.csv", "w", newline=""); w = csv.writer(f)
    w.writerow(["workload", "device", "run", "pass", "latency_ms", "mad_ms", "repeats", "min_ms", "energy_mj"])
    n = [0]
    def write(a, k, p, r, e):
        w.writerow(["nasbench201:" + name(a), k, run, p, f"{r[0]:.6f}", f"{r[1]:.6f}", r[2], f"{r[3]:.6f}", e]); n[0] += 1
    t = time.time(); A = architectures()[first(g):last]
    (GROUPS[g][1](A, seconds, write) if g == "gpu" else GROUPS[g][1](A, seconds, write, GROUPS[g][2]))
    f.close(); print(g, n[0], "rows", round(time.time() - t), "s", flush=True)
