"""Print a job summary as jobstats leaves it in AdminComment: js1.py NODE UTILISATION..., one utilisation a chip."""

import base64
import gzip
import json
import sys

GIB = 1024**3


def summary(node: str, utilisation: list[float]) -> str:
    chips = [str(chip) for chip in range(len(utilisation))]
    measured = {
        "total_memory": 32 * GIB,
        "used_memory": 20 * GIB,
        "total_time": 3.5,
        "cpus": 8,
        "gpu_total_memory": dict.fromkeys(chips, 96 * GIB),
        "gpu_used_memory": dict.fromkeys(chips, 50 * GIB),
        "gpu_utilization": dict(zip(chips, utilisation, strict=True)),
    }
    text = json.dumps({"nodes": {node: measured}, "total_time": 3, "gpus": len(utilisation)})
    return "JS1:" + base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


if __name__ == "__main__":
    sys.stdout.write(summary(sys.argv[1], [float(value) for value in sys.argv[2:]]) + "\n")
