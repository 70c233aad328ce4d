// pytorch_model.bin: what it holds, and what is refused. That real files of torch read the same is tested in
// tests/interop/test_torch_bin.py.
#include "io/torch_bin.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"
#include "io/torch_archive.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace testing;

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(kind_name(error.kind())) + ": " + error.what();
  }
  return "";
}

class TorchBin : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& bytes) {
    write_bytes(dir / "pytorch_model.bin", bytes);
    return dir / "pytorch_model.bin";
  }
  /// "kind: message", or "" when it is read.
  std::string refusal(const std::string& bytes) {
    const auto path = write(bytes);
    return message_of([&] { TorchBinFile file(path); });
  }
  std::string pickle_refusal(const std::string& pickle) { return refusal(torch_archive(pickle, floats())); }
  static std::string floats(int count = 6) {
    std::string out(static_cast<size_t>(count) * 4, '\0');
    for (int i = 0; i < count; ++i) {
      const auto value = static_cast<float>(i);
      std::memcpy(out.data() + 4 * i, &value, 4);
    }
    return out;
  }
  TempFolder dir;
};

TEST_F(TorchBin, TensorsAreWindowsOfStorages) {
  for (const bool zip64 : {false, true}) {
    const TorchBinFile file(
        write(torch_archive(pickled_state_dict({{.name = "all"},
                                                {.name = "turned", .shape = {3, 2}, .strides = {1, 3}},
                                                {.name = "last", .offset = 4, .shape = {2}, .strides = {1}},
                                                {.name = "one", .offset = 5, .shape = {}, .strides = {}},
                                                {.name = "none", .shape = {0, 3}, .strides = {3, 1}}}),
                            floats(), zip64)));
    EXPECT_EQ(file.names(), (std::vector<std::string>{"all", "turned", "last", "one", "none"}));
    const at::Tensor all = file.tensor("all");
    EXPECT_TRUE(at::equal(all, at::arange(6, at::kFloat).view({2, 3})));
    EXPECT_TRUE(at::equal(file.tensor("turned"), all.t()));
    EXPECT_TRUE(file.tensor("turned").is_contiguous());
    EXPECT_TRUE(at::equal(file.tensor("last"), at::tensor({4.f, 5.f})));
    EXPECT_EQ(file.tensor("one").item<float>(), 5.f);
    EXPECT_EQ(file.tensor("none").sizes().vec(), (std::vector<int64_t>{0, 3}));
    EXPECT_EQ(file.info("last").bytes, 8u);
  }
}

TEST_F(TorchBin, AllTypesOfTorch) {
  for (const auto& [type, dtype] :
       std::vector<std::pair<std::string, c10::ScalarType>>{{"HalfStorage", at::kHalf},
                                                            {"BFloat16Storage", at::kBFloat16},
                                                            {"DoubleStorage", at::kDouble},
                                                            {"LongStorage", at::kLong},
                                                            {"IntStorage", at::kInt},
                                                            {"ShortStorage", at::kShort},
                                                            {"CharStorage", at::kChar},
                                                            {"ByteStorage", at::kByte},
                                                            {"BoolStorage", at::kBool}}) {
    const FakeTensor tensor{.name = "t", .type = type, .elements = 3, .shape = {3}, .strides = {1}};
    const TorchBinFile file(write(torch_archive(pickled_state_dict({tensor}), std::string(24, '\0'))));
    EXPECT_EQ(file.tensor("t").scalar_type(), dtype) << type;
  }
}

TEST_F(TorchBin, NothingButTensorsIsNamedOrCalled) {
  EXPECT_THAT(pickle_refusal("\x80\x02"
                             "cposix\nsystem\n" +
                             pickled_tuple({pickled_text("id")}) + "R."),
              HasSubstr("unsupported: "));
  EXPECT_THAT(pickle_refusal("\x80\x02"
                             "cposix\nsystem\n)R."),
              HasSubstr("the pickle names posix.system"));
  EXPECT_THAT(pickle_refusal("\x80\x02"
                             "cbuiltins\neval\n)R."),
              HasSubstr("names builtins.eval"));
  EXPECT_THAT(pickle_refusal("\x80\x04\x8c\x02os\x8c\x06system\x93."), HasSubstr("names os.system"));
  EXPECT_THAT(pickle_refusal("\x80\x02"
                             "ctorch\nFloatStorage\n)R."),
              HasSubstr("a type is called"));
  EXPECT_THAT(pickle_refusal("\x80\x02"
                             "(S'x'\n."),
              HasSubstr("opcode 0x53"));
  EXPECT_THAT(pickle_refusal("\x80\x02"
                             "(icollections\nOrderedDict\n."),
              HasSubstr("opcode 0x69"));
}

TEST_F(TorchBin, OnlyDictsOfTensorsAreRead) {
  EXPECT_THAT(pickle_refusal("\x80\x02]."), HasSubstr("is not a dict of tensors"));
  EXPECT_THAT(pickle_refusal("\x80\x02}" + pickled_text("epoch") + "K\x03s."), HasSubstr("'epoch' is not a tensor"));
  EXPECT_THAT(pickle_refusal(pickled_state_dict({{.name = "a"}, {.name = "a"}})), HasSubstr("holds 'a' twice"));
}

TEST_F(TorchBin, TensorsBeyondTheirStorageAreRefused) {
  const auto one = [&](FakeTensor tensor) {
    tensor.name = "t";
    return pickle_refusal(pickled_state_dict({tensor}));
  };
  EXPECT_EQ(one({}), "");
  EXPECT_THAT(one({.shape = {2, 4}, .strides = {4, 1}}), HasSubstr("'t' does not fit its storage of 6 elements"));
  EXPECT_THAT(one({.offset = 1}), HasSubstr("does not fit"));
  EXPECT_THAT(one({.shape = {2, 3}, .strides = {3}}), HasSubstr("does not fit"));
  EXPECT_THAT(one({.shape = {1000000}, .strides = {0}}), HasSubstr("does not fit"));
  EXPECT_THAT(one({.shape = {-2}, .strides = {1}}), HasSubstr("negative"));
  EXPECT_THAT(one({.offset = -1}), HasSubstr("negative"));
  EXPECT_THAT(one({.shape = {2000000000, 2000000000, 2000000000}, .strides = {2000000000, 2000000000, 2000000000}}),
              HasSubstr("does not fit"));
  EXPECT_THAT(one({.elements = 7}), HasSubstr("have 24 bytes where 7 elements of 4 bytes were needed"));
  EXPECT_THAT(one({.storage = "9"}), HasSubstr("the data of tensor 't' are missing"));
  EXPECT_THAT(one({.storage = "../data.pkl", .elements = 1, .shape = {1}, .strides = {1}}), HasSubstr("missing"));
}

TEST_F(TorchBin, ArchivesThatAreNone) {
  const std::string pickle = pickled_state_dict({{.name = "a"}});
  EXPECT_THAT(refusal(""), HasSubstr("is no zip archive"));
  EXPECT_THAT(refusal(std::string(100, 'x')), HasSubstr("no directory at its end"));
  EXPECT_THAT(refusal("\x80\x02\x8a\x0al\xfc\x9c"
                      "F"),
              HasSubstr("written by torch before 1.6"));
  EXPECT_THAT(refusal(zip_of({{"a/b.txt", "x"}})), HasSubstr("not one of torch.save"));
  EXPECT_THAT(refusal(zip_of({{"archive/data.pkl", pickle}, {"archive/data/0", floats()}}, false, 8)),
              HasSubstr("is compressed or encrypted"));
  EXPECT_THAT(refusal(zip_of({{"archive/data.pkl", pickle}, {"archive/data.pkl", pickle}})), HasSubstr("twice"));
  EXPECT_THAT(
      refusal(zip_of({{"archive/data.pkl", pickle}, {"archive/byteorder", "big"}, {"archive/data/0", floats()}})),
      HasSubstr("not in little-endian order"));
}

TEST_F(TorchBin, EveryCutIsRefused) {
  const std::string whole = torch_archive(pickled_state_dict({{.name = "a"}}), floats(), true);
  EXPECT_EQ(refusal(whole), "");
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(refusal(whole.substr(0, size)), "") << size << " bytes of " << whole.size();
  const std::string pickle = pickled_state_dict({{.name = "a"}});
  for (size_t size = 0; size < pickle.size(); ++size)
    EXPECT_NE(pickle_refusal(pickle.substr(0, size)), "") << size << " bytes of the pickle";
}

TEST_F(TorchBin, IsReadAsAModelOnlyWhenAllowed) {
  write(torch_archive(pickled_state_dict({{.name = "a"}}), floats()));
  EXPECT_THAT(message_of([&] { ModelWeights weights(dir.path()); }),
              AllOf(HasSubstr("unsupported: "), HasSubstr("allow_legacy_bin: true")));
  EXPECT_TRUE(at::equal(ModelWeights(dir.path(), "model", true).tensor("a"), at::arange(6, at::kFloat).view({2, 3})));
  write_safetensors(dir / "model.safetensors", std::vector<NamedTensor>{{"b", at::zeros({1})}});
  EXPECT_TRUE(ModelWeights(dir.path(), "model", true).contains("b")) << "safetensors win";
}

TEST_F(TorchBin, ShardsFollowTheirIndex) {
  write_bytes(dir / "pytorch_model-00001-of-00001.bin", torch_archive(pickled_state_dict({{.name = "a"}}), floats()));
  write_bytes(dir / "pytorch_model.bin.index.json", R"({"weight_map":{"a":"pytorch_model-00001-of-00001.bin"}})");
  EXPECT_TRUE(ModelWeights(dir.path(), "model", true).contains("a"));
  EXPECT_THAT(message_of([&] { ModelWeights weights(dir.path()); }), HasSubstr("allow_legacy_bin"));
  write_bytes(dir / "model.safetensors.index.json", R"({"weight_map":{"a":"pytorch_model-00001-of-00001.bin"}})");
  EXPECT_THAT(message_of([&] { ModelWeights weights(dir.path(), "model", true); }),
              HasSubstr("is no .safetensors file"))
      << "an index of safetensors cannot lead to a pickle";
}

}  // namespace
}  // namespace lf
