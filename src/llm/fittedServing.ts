// Written by `npx tsx scripts/fitServing.ts DATA --write` from LLM-Inference-Bench (Argonne, 4211f5d), aiconfigurator's silicon rows (095f58a) and datasets/llm-passes.
import type { Framework, ServingConstants } from './servingConstants.js';

export const SERVING: Readonly<Record<Framework, ServingConstants>> = {
  "vllm": {
    "kernels": 0.9401,
    "step": 2.071e-16,
    "layer": 0.00002134,
    "request": 1.143e-27,
    "spread": 0.1344,
    "queue": {
      "prompt": 1.348,
      "step": 3.01,
      "share": 0.05956,
      "band": [
        0.653,
        1.96
      ]
    },
    "ttftBand": [
      0.88,
      1.67
    ],
    "ttftBandElsewhere": [
      1.05,
      8.22
    ],
    "tpotBand": [
      0.695,
      1.62
    ],
    "requestBand": [
      0.695,
      1.62
    ],
    "energyBand": [
      0.755,
      1.38
    ]
  },
  "sglang": {
    "kernels": 0.7991,
    "step": 0.002435,
    "layer": 0.00000391,
    "request": 0.00002237,
    "spread": 0.1354,
    "queue": {
      "prompt": 1.445,
      "step": 14.85,
      "share": 0.1583,
      "band": [
        0.314,
        16
      ]
    },
    "ttftBand": [
      0.88,
      1.67
    ],
    "ttftBandElsewhere": [
      1.05,
      8.22
    ],
    "tpotBand": [
      0.744,
      1.37
    ],
    "requestBand": [
      0.744,
      1.37
    ],
    "energyBand": [
      0.755,
      1.38
    ]
  },
  "trtllm": {
    "kernels": 0.7925,
    "step": 0.00228,
    "layer": 2.933e-11,
    "request": 0.000008025,
    "spread": 0.2268,
    "queue": {
      "prompt": 1.066,
      "step": 10.87,
      "share": 0.0342,
      "band": [
        0.455,
        1.89
      ]
    },
    "ttftBand": [
      0.88,
      1.67
    ],
    "ttftBandElsewhere": [
      1.05,
      8.22
    ],
    "tpotBand": [
      0.519,
      1.46
    ],
    "requestBand": [
      0.519,
      1.46
    ],
    "energyBand": [
      0.755,
      1.38
    ]
  },
  "transformers": {
    "kernels": 1.334,
    "step": 3.677e-18,
    "layer": 0.00002427,
    "request": 8.363e-67,
    "spread": 0.04678,
    "ttftBand": [
      0.551,
      1.36
    ],
    "tpotBand": [
      0.584,
      1.87
    ],
    "requestBand": [
      0.555,
      1.65
    ],
    "energyBand": [
      0.755,
      1.38
    ]
  },
  "vllm-2024": {
    "kernels": 1.126,
    "step": 0.001697,
    "layer": 5.346e-8,
    "request": 0.0000844,
    "spread": 0.14,
    "ttftBand": [
      0.88,
      1.67
    ],
    "ttftBandElsewhere": [
      1.05,
      8.22
    ],
    "tpotBand": [
      0.552,
      4.74
    ],
    "requestBand": [
      0.552,
      4.74
    ],
    "energyBand": [
      0.755,
      1.38
    ]
  },
  "trtllm-2024": {
    "kernels": 1.008,
    "step": 8.159e-10,
    "layer": 0.00003385,
    "request": 0.00002361,
    "spread": 0.107,
    "ttftBand": [
      0.88,
      1.67
    ],
    "ttftBandElsewhere": [
      1.05,
      8.22
    ],
    "tpotBand": [
      0.516,
      1.29
    ],
    "requestBand": [
      0.516,
      1.29
    ],
    "energyBand": [
      0.755,
      1.38
    ]
  },
  "llama.cpp-2024": {
    "kernels": 1.349,
    "step": 0.000236,
    "layer": 0.00008299,
    "request": 1.491e-13,
    "spread": 0.5708,
    "ttftBand": [
      0.88,
      1.67
    ],
    "ttftBandElsewhere": [
      1.05,
      8.22
    ],
    "tpotBand": [
      0.355,
      20.3
    ],
    "requestBand": [
      0.355,
      20.3
    ],
    "energyBand": [
      0.755,
      1.38
    ]
  },
  "deepspeed-2024": {
    "kernels": 0.9659,
    "step": 0.006013,
    "layer": 0.000006134,
    "request": 0.0001397,
    "spread": 0.3555,
    "ttftBand": [
      0.88,
      1.67
    ],
    "ttftBandElsewhere": [
      1.05,
      8.22
    ],
    "tpotBand": [
      0.488,
      1.75
    ],
    "requestBand": [
      0.488,
      1.75
    ],
    "energyBand": [
      0.755,
      1.38
    ]
  }
};
