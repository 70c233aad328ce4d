// Archives as torch.save writes them, made by hand, so that each part can be broken.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lf::testing {

inline std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? value >> (8 * i) : 0);
  return out;
}

/// A zip archive of stored members; `method` other than 0 marks them as compressed.
inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members, bool zip64 = false,
                          int method = 0) {
  std::string out, directory;
  for (const auto& [name, data] : members) {
    const uint64_t at = out.size();
    const std::string sizes = little(data.size(), 4) + little(data.size(), 4);
    out += "PK\x03\x04" + little(45, 2) + little(0, 2) + little(method, 2) + little(0, 8) + sizes +
           little(name.size(), 2) + little(0, 2) + name + data;
    const std::string extra =
        zip64 ? little(1, 2) + little(24, 2) + little(data.size(), 8) + little(data.size(), 8) + little(at, 8) : "";
    directory += "PK\x01\x02" + little(45, 2) + little(45, 2) + little(0, 2) + little(method, 2) + little(0, 8) +
                 (zip64 ? little(0xFFFFFFFF, 4) + little(0xFFFFFFFF, 4) : sizes) + little(name.size(), 2) +
                 little(extra.size(), 2) + little(0, 10) + (zip64 ? little(0xFFFFFFFF, 4) : little(at, 4)) + name +
                 extra;
  }
  const uint64_t start = out.size(), count = members.size();
  out += directory;
  if (zip64) {
    const uint64_t record = out.size();
    out += "PK\x06\x06" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(count, 8) +
           little(count, 8) + little(directory.size(), 8) + little(start, 8);
    out += "PK\x06\x07" + little(0, 4) + little(record, 8) + little(1, 4);
  }
  out += "PK\x05\x06" + little(0, 4) + little(zip64 ? 0xFFFF : count, 2) + little(zip64 ? 0xFFFF : count, 2) +
         little(zip64 ? 0xFFFFFFFF : directory.size(), 4) + little(zip64 ? 0xFFFFFFFF : start, 4) + little(0, 2);
  return out;
}

inline std::string pickled_text(const std::string& text) { return "X" + little(text.size(), 4) + text; }

inline std::string pickled_int(int64_t value) { return "J" + little(static_cast<uint64_t>(value), 4); }

inline std::string pickled_tuple(const std::vector<std::string>& items) {
  std::string out = "(";
  for (const std::string& item : items) out += item;
  return out + "t";
}

inline std::string pickled_sizes(const std::vector<int64_t>& sizes) {
  std::vector<std::string> items;
  for (int64_t size : sizes) items.push_back(pickled_int(size));
  return pickled_tuple(items);
}

struct FakeTensor {
  std::string name;
  std::string storage = "0", type = "FloatStorage";
  int64_t elements = 6, offset = 0;
  std::vector<int64_t> shape = {2, 3}, strides = {3, 1};
};

inline std::string pickled_tensor(const FakeTensor& t) {
  const std::string storage = pickled_tuple({pickled_text("storage"), "ctorch\n" + t.type + "\n",
                                             pickled_text(t.storage), pickled_text("cpu"), pickled_int(t.elements)}) +
                              "Q";
  return "ctorch._utils\n_rebuild_tensor_v2\n" +
         pickled_tuple({storage, pickled_int(t.offset), pickled_sizes(t.shape), pickled_sizes(t.strides), "\x89",
                        "ccollections\nOrderedDict\n)R"}) +
         "R";
}

/// A state dict, as torch writes an OrderedDict with its _metadata.
inline std::string pickled_state_dict(const std::vector<FakeTensor>& tensors) {
  std::string out =
      "\x80\x02"
      "ccollections\nOrderedDict\nq" +
      little(0, 1) + ")Rq" + little(1, 1) + "(";
  for (const FakeTensor& t : tensors) out += pickled_text(t.name) + pickled_tensor(t);
  out += "u}" + pickled_text("_metadata") + "h" + little(0, 1) + ")Rsb.";
  return out;
}

inline std::string torch_archive(const std::string& pickle, const std::string& data, bool zip64 = false) {
  return zip_of({{"archive/data.pkl", pickle}, {"archive/byteorder", "little"}, {"archive/data/0", data}}, zip64);
}

}  // namespace lf::testing
