// What a decoder is made of, slot by slot: plain data without torch, filled by model/archs/ and read by the layers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lf {

enum class NormKind { kRms, kLayer };

/// RMS norm: weight * x / sqrt(mean(x^2) + eps). Layer norm: weight * (x - mean(x)) / sqrt(var(x) + eps) + bias.
struct NormSpec {
  NormKind kind = NormKind::kRms;
  double eps = 1e-6;
  bool affine = true;        // false: neither weight nor bias
  bool bias = false;         // of layer norms
  double weight_offset = 0;  // the weight is stored less this number (Gemma, Nemotron: 1)
  bool fp32_weight = false;  // the weight multiplies before the result is rounded to the input's dtype, not after
  bool operator==(const NormSpec&) const = default;
};

enum class RopeScaling { kNone, kLinear, kDynamic, kYarn, kLlama3, kLongrope, kNtkSteps };

/// Rotary positions. Names follow Hugging Face's rope_parameters.
struct RopeSpec {
  double theta = 10000.0;
  double rotated_fraction = 1.0;  // of the head's width; the first part turns, the rest stays
  int64_t width = 0;              // of what turns, where it is not rotated_fraction of head_dim
  bool interleaved = false;       // dimension 2i turns with 2i+1 (GPT-J, GLM); else i with i + width/2
  RopeScaling scaling = RopeScaling::kNone;
  double factor = 1.0;
  int64_t max_positions = 0;           // dynamic: lengths above it raise the base
  int64_t original_max_positions = 0;  // yarn, llama3, longrope
  double beta_fast = 32.0, beta_slow = 1.0;
  std::optional<double> attention_factor;  // yarn, longrope: multiplies cos and sin; computed when absent
  std::optional<double> mscale, mscale_all_dim;
  bool truncate = true;  // yarn: round the correction range to whole dimensions
  double low_freq_factor = 1.0, high_freq_factor = 4.0;
  std::vector<double> short_factor, long_factor;    // longrope: one number for each pair of dimensions
  std::optional<double> short_mscale, long_mscale;  // longrope: instead of attention_factor (Phi-3-small)
  // ntk_steps: see Rope. original_max_positions = what the steps count from; max_positions = the least length that
  // counts (0 = none).
  bool steps_in_training = true;
  bool length_mscale = false;  // cos and sin grow with the length beyond max_positions (TeleChat)
  bool operator==(const RopeSpec&) const = default;
};

/// How the query, key and value projections are stored.
enum class QkvLayout {
  kSeparate,  // three matrices
  kStacked,   // one: all queries, then all keys, then all values (Phi-3, GPT-2)
  kGrouped,   // one: for each key head its queries, its key, its value (Falcon, GPT-NeoX, InternLM2)
  kKeyValue,  // two: all queries; and for each key head its key, its value (TeleChat)
};

enum class QkNorm {
  kNone,
  kPerHead,         // one weight of the head's width for all heads
  kEachHead,        // a weight for every head: heads x width
  kNormOfEachHead,  // the same, stored as a norm module for every head (StableLM 2)
  kFull,            // over all heads at once
};

struct AttentionNames {
  std::string q = "q_proj", k = "k_proj", v = "v_proj", output = "o_proj";
  std::string fused = "qkv_proj";  // kStacked, kGrouped; of keys and values: kKeyValue
  std::string q_norm = "q_norm", k_norm = "k_norm";
  std::string sinks = "sinks";
};

struct AttentionSpec {
  int64_t heads = 0;
  int64_t kv_heads = 0;
  int64_t head_dim = 0;
  int64_t value_dim = 0;        // kSeparate: width of a value head, where it is not head_dim
  double value_multiplier = 1;  // MiMo-V2
  bool qkv_bias = false;
  bool no_key_bias =
      false;  // kSeparate: with qkv_bias, all but the keys have one (Whisper's habit, some speech and text models)
  bool output_bias = false;
  QkvLayout layout = QkvLayout::kSeparate;
  bool transposed_weights = false;  // checkpoints hold in x out (GPT-2's Conv1D)
  AttentionNames names;

  QkNorm qk_norm = QkNorm::kNone;
  std::optional<NormSpec> qk_norm_spec;  // absent = the model's norm
  bool qk_norm_after_rope = false;
  double clip_qkv = 0;  // projections are cut to [-clip, clip]; 0 = not (OLMo)

  double scale = 0;             // of q k^T; 0 = 1 / sqrt(head_dim)
  double score_softcap = 0;     // cap * tanh(score / cap); 0 = none (Gemma 2)
  bool sinks = false;           // a learned score for each head takes part in the softmax (gpt-oss)
  bool alibi = false;           // Press et al. 2021, arXiv 2108.12409, instead of rotary positions
  double alibi_max = 8;         // MPT: alibi_bias_max
  double alibi_multiplier = 1;  // Falcon scales slopes together with the scores
  bool output_gate = false;     // the query projection holds a sigmoid gate beside each head's query (Qwen3-Next)
  double dropout = 0;           // on attention weights, in training only
  // Queries at position p are multiplied by 1 + beta * log(1 + floor(p / length)) where beta is given (Ministral 3).
  double query_scale_beta = 0;
  int64_t query_scale_length = 0;
  // Outside training, queries at positions from this length on are multiplied by log(p + 1) / log(length); 0 = not
  // (Qwen).
  int64_t log_scale_length = 0;
};

enum class Activation { kSilu, kGelu, kGeluTanh, kQuickGelu, kRelu, kRelu2, kSigmoid, kXielu };

struct MlpNames {
  std::string gate = "gate_proj", up = "up_proj", down = "down_proj";
  std::string fused = "gate_up_proj";  // MlpSpec::fused
};

/// Gated: down(activation(gate(x)) * up(x)). Plain: down(activation(up(x))).
struct MlpSpec {
  int64_t intermediate_size = 0;
  Activation activation = Activation::kSilu;
  bool gated = true;
  bool fused = false;     // gate and up are one matrix, the gate's rows first
  bool up_first = false;  // fused: up's rows first
  bool bias = false;
  bool down_bias = false;           // without `bias`: the last layer has one
  bool transposed_weights = false;  // checkpoints hold in x out
  double gate_multiplier = 1, down_multiplier = 1;
  MlpNames names;
};

/// How the sublayers of a block are wired; `n` are the norms that BlockSpec names (no name = no norm there).
enum class Wiring {
  kSequential,      // x += post(attention(pre(x))), then x += post(mlp(pre(x)))
  kParallel,        // x += attention(n(x)) + mlp(m(x)); without a norm of its own the mlp reads n(x)
  kPostNorm,        // x = n(x + attention(x)), then x = m(x + mlp(x)): the first Transformer
  kNormedResidual,  // as kSequential, but the residual is the normed input (BLOOM's and ChatGLM's option, MiniMax)
};

struct BlockSpec {
  Wiring wiring = Wiring::kSequential;
  double residual_multiplier = 1;  // on what a sublayer adds
  std::string attention = "self_attn", mlp = "mlp";
  std::string attention_norm = "input_layernorm", mlp_norm = "post_attention_layernorm";
  std::string attention_post_norm, mlp_post_norm;  // applied to the sublayer's output, before it is added
};

}  // namespace lf
