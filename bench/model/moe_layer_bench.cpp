// The worker of bench/moe_bench.py: a mixture of experts, forward and backward, as often as it is told to.
// usage: moe_layer_bench INPUTS CHOSEN THREADS, with a command a line on standard input:
//   time         one forward and backward pass -> seconds
//   write FILE   the output and all gradients of the last pass
// INPUTS (safetensors) holds x, g (the gradient of the output), gate.weight, experts.gate_up_proj, experts.down_proj;
// experts are frozen when it also holds `frozen`.
#include <chrono>
#include <iostream>
#include <sstream>

#include "io/safetensors.h"
#include "io/safetensors_writer.h"
#include "layers/moe/moe.h"
#include "tensor/pch.h"

namespace {

struct Layer {
  Layer(const lf::SafetensorsFile& file, int64_t chosen) : x(file.tensor("x").clone()), g(file.tensor("g").clone()) {
    const lf::Tensor up = file.tensor("experts.gate_up_proj");
    lf::MoeSpec spec;
    spec.experts.count = up.size(0);
    spec.experts.width = up.size(1) / 2;
    spec.router.chosen = chosen;
    moe = std::make_unique<lf::MixtureOfExperts>(spec, lf::LayerPlace{.hidden_size = x.size(1)});
    x.requires_grad_(true);
    for (const lf::NamedParameter& parameter : moe->named_parameters()) {
      const bool trains = !file.contains("frozen") || parameter.name.starts_with("gate");
      *parameter.tensor = file.tensor(parameter.name).clone().requires_grad_(trains);
    }
  }

  double run() {
    x.mutable_grad() = lf::Tensor();
    for (const lf::NamedParameter& parameter : moe->named_parameters()) parameter.tensor->mutable_grad() = lf::Tensor();
    const auto begin = std::chrono::steady_clock::now();
    y = moe->forward(x, context);
    y.backward(g);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  void write(const std::string& path) {
    std::vector<lf::NamedTensor> tensors = {{"y", y.detach()}, {"x", x.grad()}};
    for (const lf::NamedParameter& parameter : moe->named_parameters()) {
      if (parameter.tensor->grad().defined()) tensors.emplace_back(parameter.name, parameter.tensor->grad());
    }
    lf::write_safetensors(path, tensors);
  }

  lf::Tensor x, g, y;
  lf::LayerContext context;
  std::unique_ptr<lf::MixtureOfExperts> moe;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: moe_layer_bench INPUTS CHOSEN THREADS\n";
    return 2;
  }
  at::set_num_threads(std::stoi(argv[3]));
  Layer layer(lf::SafetensorsFile(argv[1]), std::stoll(argv[2]));
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command, path;
    words >> command >> path;
    if (command == "time") std::cout << layer.run() << std::endl;
    if (command == "write") {
      layer.write(path);
      std::cout << "written" << std::endl;
    }
  }
}
