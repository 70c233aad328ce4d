// The model, its adapters, how it is read, and how it is exported. Keys, defaults and meanings are LLaMA-Factory's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/field.h"

namespace lf {

struct ModelOptions {
  std::string model_name_or_path;  // required
  std::vector<std::string> adapter_name_or_path;
  std::optional<std::string> adapter_folder;
  std::optional<std::string> cache_dir;
  std::string model_revision = "main";
  bool split_special_tokens = false;
  std::vector<std::string> add_tokens, add_special_tokens;
  std::optional<std::string> new_special_tokens_config;
  std::string init_special_tokens = "noise_init";
  bool resize_vocab = false;
  std::string tokenizer_reading = "as_written";
  std::optional<std::string> rope_scaling;  // linear, dynamic, yarn, llama3
  std::string flash_attn = "auto";
  bool shift_attn = false;
  std::optional<std::string> mixture_of_depths;  // convert, load
  std::optional<double> moe_aux_loss_coef;       // training; null or 0 = as config.json says
  bool disable_gradient_checkpointing = false;
  bool upcast_layernorm = false;
  bool train_from_scratch = false;
  bool allow_legacy_bin = false;
  std::string infer_backend = "huggingface";  // any value selects the built-in engine
  std::string infer_dtype = "auto";
  bool print_param_status = false;
  bool trust_remote_code = false;  // accepted; repository code never runs
  std::optional<std::string> hf_hub_token, ms_hub_token, om_hub_token;

  std::optional<std::string> export_dir;
  int64_t export_size = 5;  // GB (10^9 bytes) for one shard
  std::string export_device = "cpu";
  std::string export_gguf = "none";  // ours

  /// Where the files lie once names of a hub were downloaded (stages/local_models.h); before that, as the keys say.
  std::string model_folder;
  std::vector<std::string> adapter_folders;
  const std::string& folder() const { return model_folder.empty() ? model_name_or_path : model_folder; }
  const std::vector<std::string>& adapters() const {
    return adapter_folders.empty() ? adapter_name_or_path : adapter_folders;
  }

  template <class Self, class Visitor>
  static void visit(Self& o, Visitor&& v) {
    v(o.model_name_or_path,
      {"model_name_or_path", "Model",
       "folder of the base model (config.json, weights, tokenizer), or its name on the hub; required"});
    v(o.adapter_name_or_path, {"adapter_name_or_path", "Model", "comma list of adapter folders or hub names"});
    v(o.adapter_folder, {"adapter_folder", "Model", "subfolder inside the adapter path that holds the adapter files"});
    v(o.split_special_tokens,
      {"split_special_tokens", "Model", "let the text of special tokens be split like ordinary text"});
    v(o.add_tokens, {"add_tokens", "Model", "comma list of ordinary tokens to append to the vocabulary"});
    v(o.add_special_tokens, {"add_special_tokens", "Model",
                             "comma list of special tokens to append; new_special_tokens_config wins over it"});
    v(o.new_special_tokens_config,
      {"new_special_tokens_config", "Model", "YAML file (token: description) whose keys are special tokens to append"});
    v(o.init_special_tokens, {"init_special_tokens",
                              "Model",
                              "how rows of new tokens are filled: mean of all rows with noise, mean of the rows of the "
                              "token's description, or "
                              "the latter with noise",
                              {"noise_init", "desc_init", "desc_init_w_noise"}});
    v(o.resize_vocab, {"resize_vocab", "Model",
                       "grow the embedding to the tokenizer's length, to a multiple of 64; on when tokens are added"});
    v(o.tokenizer_reading,
      {"tokenizer_reading",
       "Model",
       "the tokenizer as its file is written, or as transformers 4 or 5 changes it (not a LLaMA-Factory key)",
       {"as_written", "transformers4", "transformers5"}});
    v(o.rope_scaling, {"rope_scaling",
                       "Model",
                       "how RoPE is stretched beyond the model's native length",
                       {"linear", "dynamic", "yarn", "llama3"}});
    v(o.moe_aux_loss_coef,
      {"moe_aux_loss_coef", "Model",
       "weight of the load-balancing loss of mixtures of experts in training (Mixtral, Qwen-MoE, OLMoE, "
       "Granite, ERNIE, Phi-MoE, Jamba, JetMoE); null or 0: as config.json says"});
    v(o.flash_attn, {"flash_attn",
                     "Model",
                     "attention kernel; every value gives the same results here",
                     {"auto", "disabled", "sdpa", "fa2", "fa3"}});
    v(o.shift_attn,
      {"shift_attn", "Model", "shifted sparse attention (S2-Attn of LongLoRA) in training; models of type llama only"});
    v(o.mixture_of_depths,
      {"mixture_of_depths",
       "Model",
       "put routers before every other block (convert), or load a model that was saved with them (load)",
       {"convert", "load"}});
    v(o.disable_gradient_checkpointing, {"disable_gradient_checkpointing", "Model",
                                         "keep activations instead of computing them again (faster, more memory)"});
    v(o.upcast_layernorm, {"upcast_layernorm", "Model", "weights of normalisation layers in float32 in training"});
    v(o.allow_legacy_bin,
      {"allow_legacy_bin", "Model",
       "read pytorch_model.bin where there is no safetensors file; nothing in it is run (not a LLaMA-Factory key)"});
    v(o.train_from_scratch,
      {"train_from_scratch", "Model", "random weights from config.json instead of the stored ones"});
    v(o.infer_backend, {"infer_backend",
                        "Model",
                        "generation engine; every value selects the built-in one",
                        {"huggingface", "vllm", "sglang"}});
    v(o.infer_dtype, {"infer_dtype",
                      "Model",
                      "dtype of weights and activations in chat and export",
                      {"auto", "float16", "bfloat16", "float32"}});
    v(o.print_param_status,
      {"print_param_status", "Model", "print name, dtype, device and trainable flag of each parameter"});
    v(o.trust_remote_code,
      {"trust_remote_code", "Model", "accepted for old files; code of a model repository never runs"});
    v(o.cache_dir, {"cache_dir", "Hub", "folder for downloads; unset: the cache of the hub's Python client"});
    v(o.model_revision, {"model_revision", "Hub", "branch, tag or commit of the model on the hub"});
    v(o.hf_hub_token, {"hf_hub_token", "Hub", "access token for Hugging Face; unset: HF_TOKEN", {}, true});
    v(o.ms_hub_token, {"ms_hub_token", "Hub", "access token for ModelScope; unset: MODELSCOPE_API_TOKEN", {}, true});
    v(o.om_hub_token, {"om_hub_token", "Hub", "accepted for old files; the Modelers hub is not available", {}, true});
    v(o.export_dir, {"export_dir", "Export", "folder the export command writes"});
    v(o.export_size, {"export_size", "Export", "largest weight shard, in GB"});
    v(o.export_device, {"export_device", "Export", "device that merges", {"cpu", "auto"}});
    v(o.export_gguf,
      {"export_gguf",
       "Export",
       "also write the model as one GGUF file of this type, for llama.cpp and Ollama (not a LLaMA-Factory key)",
       {"none", "f32", "f16", "bf16", "q8_0"}});
  }
};

}  // namespace lf
