"""Times of work on a GPU, and of the kernels that a profiler recorded; for zoo/collect.py and timm/collect.py."""
import json
import torch


def gpu_ms(run, target=25.0, passes=5):
    for _ in range(2): run()
    torch.cuda.synchronize(); a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    a.record(); run(); b.record(); torch.cuda.synchronize(); n = max(2, min(100, int(target / max(a.elapsed_time(b), 1e-3)))); o = []
    for _ in range(passes):
        a.record()
        for _ in range(n): run()
        b.record(); torch.cuda.synchronize(); o.append(a.elapsed_time(b) / n)
    return sorted(o)


def captured(fn):
    s = torch.cuda.Stream(); s.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(s):
        for _ in range(3): fn()
    torch.cuda.current_stream().wait_stream(s); g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g): fn()
    return g


def kernels(path):
    """Kernel time by operator (the innermost one with shapes that launched it): [operator, shapes, types, concrete, kernel, calls, microseconds]"""
    ev = json.load(open(path))["traceEvents"]; ops, launch, agg = {}, {}, {}
    for e in ev:
        a = e.get("args", {})
        if e.get("cat") == "cpu_op" and "External id" in a: ops[a["External id"]] = (e["name"], json.dumps(a.get("Input Dims")), json.dumps(a.get("Input type")), json.dumps(a.get("Concrete Inputs")))
        if e.get("cat") in ("cuda_runtime", "cuda_driver") and "correlation" in a: launch[a["correlation"]] = a.get("External id")
    for e in ev:
        if e.get("cat") in ("kernel", "gpu_memcpy", "gpu_memset"):
            a = e["args"]; o = ops.get(a.get("External id") or launch.get(a.get("correlation")), ("?", "", "", "")); k = (*o, e["name"][:80]); c = agg.setdefault(k, [0, 0.]); c[0] += 1; c[1] += e["dur"]
    return [[*k, c, round(t, 3)] for k, (c, t) in agg.items()]
