"""pytorch_model.bin of torch.save: read when asked, without running anything in it."""
import json, os, shutil, subprocess

import pytest

torch = pytest.importorskip("torch")
from safetensors.torch import load_file


@pytest.fixture
def legacy(tmp_path, demo):
    """The demo model with its weights in one or several .bin files."""

    def call(shards=1, change=lambda weights: weights, **options):
        folder = tmp_path / "model"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(demo, folder)
        (folder / "model.safetensors").unlink()
        weights = change(load_file(demo / "model.safetensors"))
        if shards == 1:
            torch.save(weights, folder / "pytorch_model.bin", **options)
            return folder
        names, index = list(weights), {}
        for i in range(shards):
            shard = f"pytorch_model-{i + 1:05}-of-{shards:05}.bin"
            torch.save({name: weights[name] for name in names[i::shards]}, folder / shard, **options)
            index.update({name: shard for name in names[i::shards]})
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
        return folder

    return call


def export(run, folder, ok=True, *more):
    return run("export", f"model_name_or_path={folder}", "template=chatml", "export_dir=out", "infer_dtype=auto", *more, ok=ok)


def views(weights):
    """As checkpoints have them: shared storages, transposed tensors, parameters, windows."""
    out, shared = {}, torch.cat([t.flatten() for t in weights.values()])
    at = 0
    for i, (name, t) in enumerate(weights.items()):
        window = shared[at:at + t.numel()].view(t.shape)
        at += t.numel()
        out[name] = window if i % 3 else torch.nn.Parameter(t.t().contiguous().t() if t.dim() == 2 else t, requires_grad=False)
    return out


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("options", [{}, {"pickle_protocol": 4}], ids=["protocol2", "protocol4"])
@pytest.mark.parametrize("change", [lambda w: w, views], ids=["plain", "views"])
def test_real_files_read_as_torch_reads_them(shards, options, change, legacy, run, demo, tmp_path):
    export(run, legacy(shards, change, **options), True, "allow_legacy_bin=true")
    ours, theirs = load_file(tmp_path / "out/model.safetensors"), load_file(demo / "model.safetensors")
    assert ours.keys() == theirs.keys() and all(torch.equal(t, theirs[name]) for name, t in ours.items())


def test_training_from_a_pickle(legacy, run, data_dir):
    run("train", "stage=sft", "do_train=true", "finetuning_type=full", "template=chatml", "dataset=demo_identity", "max_samples=8", f"dataset_dir={data_dir}",
        f"model_name_or_path={legacy()}", "output_dir=out", "max_steps=1", "cutoff_len=64", "report_to=none", "allow_legacy_bin=true")


def test_without_the_key_it_is_refused_with_advice(legacy, run):
    result = export(run, legacy(), False)
    assert result.returncode == 69 and "allow_legacy_bin: true reads its tensors without running anything in it" in result.stderr


def test_nothing_in_a_file_is_run(legacy, run, tmp_path):
    mark = tmp_path / "ran"

    class Call:
        def __reduce__(self):
            return os.system, (f"touch {mark}",)

    result = export(run, legacy(change=lambda w: {**w, "extra": Call()}), False, "allow_legacy_bin=true")
    assert result.returncode == 69 and "the pickle names posix.system" in result.stderr and not mark.exists()


@pytest.mark.parametrize("options, message", [({"_use_new_zipfile_serialization": False}, "written by torch before 1.6")])
def test_old_files_are_named(options, message, legacy, run):
    result = export(run, legacy(**options), False, "allow_legacy_bin=true")
    assert result.returncode == 69 and message in result.stderr


def test_damaged_files_end_in_a_message(legacy, run):
    folder = legacy()
    data = (folder / "pytorch_model.bin").read_bytes()
    for size in (0, 10, len(data) // 2, len(data) - 5):
        (folder / "pytorch_model.bin").write_bytes(data[:size])
        result = export(run, folder, False, "allow_legacy_bin=true")
        assert result.returncode == 65 and "pytorch_model.bin" in result.stderr, size


def test_adapters_too(legacy, run, data_dir, demo, tmp_path):
    run("train", "stage=sft", "do_train=true", "finetuning_type=lora", "template=chatml", "dataset=demo_identity", "max_samples=8", f"dataset_dir={data_dir}",
        f"model_name_or_path={demo}", "output_dir=adapter", "max_steps=1", "cutoff_len=64", "report_to=none")
    keys = [f"model_name_or_path={demo}", "template=chatml", "adapter_name_or_path=adapter"]
    run("export", *keys, "export_dir=a")
    torch.save(load_file(tmp_path / "adapter/adapter_model.safetensors"), tmp_path / "adapter/adapter_model.bin")
    (tmp_path / "adapter/adapter_model.safetensors").unlink()
    refused = run("export", *keys, "export_dir=b", ok=False)
    assert refused.returncode == 69 and "allow_legacy_bin" in refused.stderr
    run("export", *keys, "export_dir=b", "allow_legacy_bin=true")
    assert (tmp_path / "a/model.safetensors").read_bytes() == (tmp_path / "b/model.safetensors").read_bytes()
