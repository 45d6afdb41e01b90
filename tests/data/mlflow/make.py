"""Write a small MLflow file store as its client lays it out: one folder per run, one file per metric."""

from pathlib import Path

ROOT = Path(__file__).parent / "mlruns" / "0"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


for name, rate in (("first", 0.001), ("second", 0.01)):
    run = ROOT / name
    lines = [f"{1_700_000_000_000 + i * 1000} {2.5 * 0.9**i!r} {i * 10}\n" for i in range(20)]
    write(run / "metrics" / "loss", "".join(lines))
    write(run / "metrics" / "val" / "loss", "".join(lines[::5]))
    write(run / "params" / "lr", str(rate))
    write(run / "params" / "batch_size", "64")
    write(run / "tags" / "mlflow.runName", name)
    write(run / "tags" / "mlflow.user", "somebody")
    write(run / "meta.yaml", f"artifact_uri: mlruns/0/{name}/artifacts\nrun_name: {name}\nstatus: 3\n")
