"""Times forward passes of language models on the GPU it runs on, from configurations alone (random weights: cost does not depend on them).

    OUT=out python3 llm_passes.py FOLDER [SECONDS]

FOLDER holds config_*.json of Hugging Face; PyTorch and transformers are needed. A pass is the whole model in bf16 with scaled-dot-product attention and a static
cache, replayed as a CUDA graph: the prompt of `isl` tokens (phase prefill), or one token behind `isl` cached ones (phase decode). Writes $OUT/llm_passes.csv:
model, phase, batch, isl, milliseconds (median of passes spread over time), spread (largest less smallest, over the median), joules of a pass
(the counter of the board over half a second), bytes of weights, peak bytes; and $OUT/device.json. A model that does not build or fit is a line of
$OUT/refused.txt.
"""
import csv, json, os, statistics, subprocess, sys, time

import pynvml
import torch
from transformers import AutoConfig, AutoModelForCausalLM, StaticCache

FOLDER, SECONDS = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 480.0
OUT = os.environ.get("OUT", "out")
START = time.time()
ROUNDS = 3
PREFILL = [(1, 128), (1, 512), (1, 2048), (8, 512)]
DECODE = [(1, 512), (1, 2048), (8, 512), (32, 512)]
# smallest first, so that a cut run has most of them
NAMES = "gpt2 opt phi stablelm gemma3text qwen3 qwen2 llama mistral olmo2 falcon gemma qwen3moe gptneox".split()

os.makedirs(OUT, exist_ok=True)
pynvml.nvmlInit()
BOARD = pynvml.nvmlDeviceGetHandleByIndex(0)
DEVICE = torch.device("cuda")
properties = torch.cuda.get_device_properties(0)
json.dump(
    {
        "name": properties.name,
        "memory_bytes": properties.total_memory,
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "power_limit_w": pynvml.nvmlDeviceGetPowerManagementLimit(BOARD) / 1e3,
    },
    open(f"{OUT}/device.json", "w"),
)


class Graph(torch.cuda.CUDAGraph):
    inputs = None


def captured(run):
    """A CUDA graph of one call."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(2):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = Graph()
    with torch.cuda.graph(graph):
        run()
    return graph


def milliseconds(graph):
    """Mean of enough replays to last 60 ms, by events of the GPU."""
    first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    graph.replay()
    torch.cuda.synchronize()
    first.record()
    graph.replay()
    last.record()
    torch.cuda.synchronize()
    count = max(2, int(60 / max(first.elapsed_time(last), 1e-2)))
    first.record()
    for _ in range(count):
        graph.replay()
    last.record()
    torch.cuda.synchronize()
    return first.elapsed_time(last) / count


def joules(graph, ms):
    count = max(3, int(500 / ms))
    torch.cuda.synchronize()
    before = pynvml.nvmlDeviceGetTotalEnergyConsumption(BOARD)
    for _ in range(count):
        graph.replay()
    torch.cuda.synchronize()
    return (pynvml.nvmlDeviceGetTotalEnergyConsumption(BOARD) - before) / count / 1e3


def prompt(model, ids):
    """Scores of the token behind a prompt."""
    return lambda: model(input_ids=ids, use_cache=False, logits_to_keep=1)


def token(model, config, ids, isl):
    """Scores of one token behind `isl` cached ones, the cache as full before every call."""
    cache = StaticCache(config=config, max_cache_len=isl + 1)
    lengths = torch.full((len(cache.layers),), isl, device=DEVICE)
    for i, layer in enumerate(cache.layers):
        if isinstance(layer.cumulative_length, torch.Tensor):
            layer.cumulative_length = lengths[i]
        else:
            layer.cumulative_length = isl
    place = torch.full((ids.shape[0], 1), isl, device=DEVICE)

    def run():
        lengths.fill_(isl)
        for layer in cache.layers:
            if not isinstance(layer.cumulative_length, torch.Tensor):
                layer.cumulative_length = isl
        model(input_ids=ids, past_key_values=cache, position_ids=place, use_cache=True, logits_to_keep=1)

    return run


def passes(model, config, vocabulary):
    """Graphs of every phase, batch and length that fits, with the peak memory of each."""
    limit = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", 1 << 20)
    for phase, shapes in (("prefill", PREFILL), ("decode", DECODE)):
        for batch, isl in shapes:
            if isl + 1 > limit:
                continue
            torch.cuda.reset_peak_memory_stats()
            tokens = isl if phase == "prefill" else 1
            ids = torch.randint(vocabulary, (batch, tokens), device=DEVICE)
            run = prompt(model, ids) if phase == "prefill" else token(model, config, ids, isl)
            try:
                graph = captured(run)
            except Exception as error:
                yield phase, batch, isl, None, f"{type(error).__name__}: {str(error)[:200]}"
                continue
            # a graph does not hold the tensors that it reads
            graph.inputs = run
            yield phase, batch, isl, graph, torch.cuda.max_memory_allocated()


def measure(name):
    """Rows of one model, and what it refused."""
    rows, refused = [], []
    path = os.path.join(FOLDER, f"config_{name}.json")
    config = AutoConfig.for_model(**json.load(open(path)))
    config._attn_implementation = "sdpa"
    with torch.inference_mode():
        with torch.device(DEVICE):
            model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).eval()
        weights = sum(p.numel() * p.element_size() for p in model.parameters())
        text = getattr(config, "text_config", config)
        graphs = []
        for phase, batch, isl, graph, told in passes(model, text, text.vocab_size):
            if graph is None:
                refused.append(f"{name} {phase} {batch} {isl}: {told}")
            else:
                graphs.append((phase, batch, isl, graph, told))
        times = [[] for _ in graphs]
        for _ in range(ROUNDS):
            for i, (_, _, _, graph, _) in enumerate(graphs):
                times[i].append(milliseconds(graph))
        for (phase, batch, isl, graph, peak), seen in zip(graphs, times):
            middle = statistics.median(seen)
            spread = (max(seen) - min(seen)) / middle
            energy = joules(graph, middle)
            rows.append([name, phase, batch, isl, f"{middle:.5g}", f"{spread:.3f}", f"{energy:.4g}", weights, peak])
    return rows, refused


if len(sys.argv) > 3:
    # one model in a process of its own: an error of the GPU ends only that
    rows, refused = measure(sys.argv[3])
    with open(f"{OUT}/llm_passes.csv", "a", newline="") as file:
        csv.writer(file).writerows(rows)
    with open(f"{OUT}/refused.txt", "a") as file:
        file.writelines(f"{line}\n" for line in refused)
else:
    with open(f"{OUT}/llm_passes.csv", "w", newline="") as file:
        csv.writer(file).writerow("model phase batch isl ms spread joules weight_bytes peak_bytes".split())
    for name in NAMES:
        left = SECONDS - (time.time() - START)
        told = "no time left"
        if left > 20:
            done = subprocess.run([sys.executable, __file__, FOLDER, str(SECONDS), name], capture_output=True, text=True)
            told = (done.stderr.strip().splitlines() or [""])[-1][:300] if done.returncode else ""
        if told:
            open(f"{OUT}/refused.txt", "a").write(f"{name}: {told}\n")
        print(name, f"{time.time() - START:.0f} s", told, flush=True)
