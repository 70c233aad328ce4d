// Our own pipeline makes exactly the batches that the reference trained on: as streams for the pt and sft cases of
// golden/data/training, as padded tensors for all.
#include "support/golden_batches.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "data/padded.h"
#include "data/prepare.h"
#include "support/shared.h"

namespace lf {
namespace {

using lf::testing::shared_path;

RunConfig config_of(const Json& settings) {
  RunConfig config;
  config.finetuning.stage = settings["stage"];
  config.finetuning.disable_shuffling = settings["disable_shuffling"];
  config.training.do_train = true;
  config.training.seed = settings["seed"];
  config.training.per_device_train_batch_size = settings["per_device_train_batch_size"];
  config.data.template_name = settings["template"];
  config.data.dataset = {settings["dataset"]};
  config.data.dataset_dir = shared_path("golden/data/training/datasets").string();
  config.data.neat_packing = settings.value("neat_packing", false);
  config.data.packing = settings.value("packing", settings["stage"] == "pt");
  config.data.cutoff_len = settings["cutoff_len"].get<int64_t>() - (settings.value("packing", false) ? 1 : 0);
  config.data.train_on_prompt = settings.value("train_on_prompt", false);
  return config;
}

/// The part of a batch that bears loss or is seen by it: everything but the padding of plainly packed rows.
std::string shown(const Batch& batch, bool plainly_packed) {
  std::string text;
  for (int64_t row = 0, at = 0; row + 1 < static_cast<int64_t>(batch.bounds.size()); ++row) {
    int64_t end = batch.bounds[row + 1];
    while (plainly_packed && end > at + 1 && batch.positions[end - 1].item<int64_t>() == 0) --end;
    for (; at < end; ++at) {
      text += fmt::format("{}@{}>{} ", batch.ids[at].item<int64_t>(), batch.positions[at].item<int64_t>(),
                          batch.targets[at].item<int64_t>());
    }
    text += "| ";
    at = batch.bounds[row + 1];
  }
  return text;
}

TEST(GoldenBatches, OurPipelineMakesTheSameBatches) {
  LF_REQUIRE_SHARED();
  const Json cases = read_json(shared_path("golden/data/training/curves.json"))["cases"];
  std::set<std::string> files;
  for (const auto& [name, one] : cases.items()) {
    const Json& settings = one["settings"];
    const bool ours = settings["stage"] == "pt" || settings["stage"] == "sft";
    if (!ours || !files.insert(one["batches"].get<std::string>() + one["model"].get<std::string>()).second) continue;
    const RunConfig config = config_of(settings);
    const auto tokenizer = load_tokenizer(shared_path("golden/data/models/" + one["model"].get<std::string>()));
    const auto chat_template = load_template(*config.data.template_name);
    chat_template->fix_tokenizer(*tokenizer);
    const PreparedData data = prepare_datasets(config, *tokenizer, *chat_template);
    const std::unique_ptr<BatchSource> loader = make_train_loader(data, config);
    const bool plain = *config.data.packing && settings["stage"] == "sft" && !config.data.neat_packing;
    for (const Batch& golden :
         lf::testing::golden_batches(shared_path("golden/data/training/" + one["batches"].get<std::string>()))) {
      std::optional<Batch> batch = loader->next();
      if (!batch) batch = loader->next();
      ASSERT_TRUE(batch);
      EXPECT_EQ(shown(*batch, plain), shown(golden, plain)) << name;
      EXPECT_EQ(batch->target_count, golden.target_count) << name;
      EXPECT_EQ(batch->label_count, golden.label_count) << name;
      EXPECT_EQ(batch->padded_tokens, golden.padded_tokens) << name;
    }
  }
  EXPECT_EQ(files.size(), 9);
}

/// 4-d masks are stored as 1 = visible.
Tensor stored_mask(const Tensor& mask) { return mask.dim() == 4 ? mask.eq(0).to(at::kInt) : mask.to(at::kInt); }

TEST(GoldenBatches, PaddedTheyAreTheTensorsThatTheReferenceGotInEveryStage) {
  LF_REQUIRE_SHARED();
  const Json cases = read_json(shared_path("golden/data/training/curves.json"))["cases"];
  std::set<std::string> files;
  for (const auto& [name, one] : cases.items()) {
    if (!one.contains("batches") || !files.insert(one["batches"].get<std::string>()).second) continue;
    const RunConfig config = config_of(one["settings"]);
    const auto tokenizer = load_tokenizer(shared_path("golden/data/models/" + one["model"].get<std::string>()));
    const auto chat_template = load_template(*config.data.template_name);
    chat_template->fix_tokenizer(*tokenizer);
    const PreparedData data = prepare_datasets(config, *tokenizer, *chat_template);
    const std::unique_ptr<BatchSource> loader = make_train_loader(data, config);
    const PadOptions options{.pad_id = *tokenizer->pad_id(),
                             .multiple = padding_multiple(config.finetuning.stage, true),
                             .packed_mask = config.data.neat_packing ? PackedMask::kAdditive : PackedMask::kSegments};
    const SafetensorsFile golden(shared_path("golden/data/training/" + one["batches"].get<std::string>()));
    std::set<std::string> compared;
    for (int step = 0; golden.contains(fmt::format("step{:02}.input_ids", step)); ++step) {
      std::optional<Batch> batch = loader->next();
      if (!batch) batch = loader->next();
      for (const auto& [column, tensor] : padded(data.train, batch->samples, options)) {
        const std::string key = fmt::format("step{:02}.{}", step, column);
        compared.insert(key);
        ASSERT_TRUE(golden.contains(key)) << name << " " << key;
        const Tensor ours = column == "attention_mask" ? stored_mask(tensor) : tensor;
        EXPECT_TRUE(at::equal(ours.to(at::kInt), golden.tensor(key).to(at::kInt))) << name << " " << key;
      }
    }
    EXPECT_EQ(compared.size(), golden.names().size()) << name;
  }
  EXPECT_EQ(files.size(), 9);
}

}  // namespace
}  // namespace lf
