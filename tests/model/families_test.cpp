// What loading offers beside plain weights, on every family: a vocabulary that grew, normalisation weights in fp32.
#include <fstream>

#include "io/output_folder.h"
#include "io/safetensors_writer.h"
#include "model/reference_case.h"
#include "model/resize.h"
#include "model/upcast.h"
#include "support/shared.h"
#include "support/temp_folder.h"
#include "tensor/pch.h"
#include "tensor/precision.h"

namespace lf::testing {
namespace {

class FamilyTest : public ::testing::TestWithParam<ReferenceCase> {
 protected:
  void SetUp() override {
    if (GetParam().name.starts_with("golden_")) LF_REQUIRE_SHARED();
  }
  static Tensor logits(Decoder& model) {
    return model.logits(model.forward(stream_of(GetParam().batch_rows("input_ids"))));
  }
};

TEST_P(FamilyTest, AGrownVocabularyKeepsTheOldLogitsAndReadsBack) {
  at::NoGradGuard no_grad;
  LoadedModel loaded = GetParam().load();
  const Tensor before = logits(*loaded.model);
  const VocabularySizes sizes = resize_vocabulary(loaded, {.tokens = embedding_rows(*loaded.model) + 1});
  ASSERT_GT(sizes.after, sizes.before);
  EXPECT_EQ(vocabulary_modules(*loaded.model).size(), 2u);
  const Tensor after = logits(*loaded.model);
  ASSERT_EQ(after.size(1), sizes.after);
  EXPECT_LE((after.slice(1, 0, sizes.before) - before).abs().max().item<double>(), 1e-5);

  TempFolder dir;
  std::ofstream(dir / "config.json") << loaded.config.dump();
  write_safetensors(dir / "model.safetensors", loaded.model->state_dict());
  LoadedModel again = load_model(dir.path());
  EXPECT_TRUE(at::equal(logits(*again.model), after));
  EXPECT_EQ(again.spec.tied_embeddings, loaded.spec.tied_embeddings);
}

TEST_P(FamilyTest, NormsInFp32TrainOnABf16Base) {
  LoadedModel loaded = load_model(GetParam().model, {.dtype = at::kBFloat16});
  upcast_norms(*loaded.model);
  make_trainable({"", &loaded.model->embedding().weight(), &loaded.model->embedding()});
  for (const NamedParameter& parameter : loaded.model->named_parameters()) {
    const bool norm =
        parameter.name.find("norm") != std::string::npos || parameter.name.find("ln") != std::string::npos;
    const bool wide = (norm && parameter.tensor->dim() == 1) || parameter.owner == &loaded.model->embedding();
    EXPECT_EQ(parameter.tensor->scalar_type(), wide ? at::kFloat : at::kBFloat16) << parameter.name;
  }
  for (const auto compute : {std::optional(at::kBFloat16), std::optional<c10::ScalarType>()}) {
    ComputeDtype scope(compute);
    const Tensor out = logits(*loaded.model);
    EXPECT_TRUE(at::isfinite(out).all().item<bool>());
    out.to(at::kFloat).logsumexp(1).sum().backward();
    EXPECT_TRUE(at::isfinite(loaded.model->embedding().weight().grad()).all().item<bool>());
  }
}

INSTANTIATE_TEST_SUITE_P(Architectures, FamilyTest, ::testing::ValuesIn(reference_cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lf::testing
