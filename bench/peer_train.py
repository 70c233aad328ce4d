#!/usr/bin/env python3
"""The benchmark peer: transformers + peft fine-tune the same model with the same adapter, rows and dtype as ours, in a plain loop.

usage: peer_train.py JOB.json OUT.json     (see train_bench.py for the job)
"""
import json, os, resource, sys, time

started = time.time()
import torch  # noqa: E402
from peft import PeftModel  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

job, out = json.load(open(sys.argv[1])), sys.argv[2]
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
model = AutoModelForCausalLM.from_pretrained(job["model"], dtype="auto", attn_implementation="sdpa")
model.config.use_cache = False
model = PeftModel.from_pretrained(model, job["adapter"], is_trainable=True)
for p in model.parameters():
    if p.requires_grad:
        p.data = p.data.float()
if job["checkpointing"]:
    model.enable_input_require_grads()
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=job["lr"], weight_decay=0.0, fused=True)
model.train()

losses, seconds, first_step = [], [], None
for rows in job["batches"]:
    ids = torch.tensor([r["input_ids"] for r in rows])
    labels = torch.tensor([r["labels"] for r in rows])
    begin = time.time()
    first_step = first_step or begin - started
    with torch.autocast("cpu", torch.bfloat16, enabled=job["bf16"]):
        loss = model(input_ids=ids, labels=labels, num_items_in_batch=(labels != -100).sum()).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    optimizer.zero_grad()
    losses.append(loss.item())
    seconds.append(time.time() - begin)
    print(f"peer step {len(losses)}: loss {losses[-1]:.6f}, {seconds[-1]:.2f} s", file=sys.stderr)
json.dump({"losses": losses, "seconds": seconds, "first_step": first_step,
           "peak_rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}, open(out, "w"))
