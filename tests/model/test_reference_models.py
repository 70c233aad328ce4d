"""The plain definitions of families that transformers does not have: they give what the fixtures hold, and what transformers computes
where it has the same family under other names."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM

import reference_models
from reference_models.fixtures import make_values, make_weights, vocabulary

FIXTURES = Path(__file__).parent.parent / "fixtures/archs"
CASES = list(reference_models.CASES)
TWINS = [n for n in CASES if getattr(reference_models.case(n)[0], "twin", lambda *_: None)(
    reference_models.case(n)[1], make_weights(*reference_models.case(n), n))]


def stored_case(name):
    family, config = reference_models.case(name)
    weights = {k: v.float() for k, v in load_file(FIXTURES / name / "model.safetensors").items()}
    return family, config, weights


@pytest.mark.parametrize("name", CASES)
def test_the_definition_gives_what_the_fixture_holds(name):
    family, config, weights = stored_case(name)
    assert json.loads((FIXTURES / name / "config.json").read_text()) == config
    assert {k: tuple(v.shape) for k, v in weights.items()} == {k: tuple(s) for k, s in family.tensors(config).items()}
    stored, fresh = load_file(FIXTURES / name / "reference.safetensors"), make_values(family, config, weights)
    assert stored.keys() == fresh.keys()
    for key, value in stored.items():
        if value.is_floating_point():
            torch.testing.assert_close(fresh[key], value, atol=2e-5, rtol=1e-5, msg=lambda text: f"{key}: {text}")
        else:
            assert torch.equal(fresh[key], value), key


@pytest.mark.parametrize("name", TWINS)
def test_transformers_computes_the_same_with_converted_weights(name):
    family, config, weights = stored_case(name)
    twin_config, twin_weights = family.twin(config, weights)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**twin_config), attn_implementation="eager").float().eval()
    missing, unexpected = model.load_state_dict(twin_weights, strict=False)
    assert not unexpected and all(k == "lm_head.weight" and twin_config["tie_word_embeddings"] for k in missing), (missing, unexpected)
    model.tie_weights()
    ids = torch.randint(6, vocabulary(config), (20,), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        torch.testing.assert_close(family.logits(config, weights, ids), model(ids[None], use_cache=False).logits[0], atol=2e-5, rtol=1e-5)
