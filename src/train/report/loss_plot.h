// training_loss.png and its siblings: raw and smoothed curve over the steps.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace lf {

struct Curve {
  std::string title;
  std::string y_label;
  std::vector<double> steps;
  std::vector<double> values;  // same length; values that are not finite make gaps
};

/// Exponential moving average with weight 1.8 * (sigmoid(0.05 * n) - 0.5), as upstream and TensorBoard.
std::vector<double> smooth_curve(const std::vector<double>& values);
/// A PNG of 640 x 480 pixels. Works without any font installed.
std::string render_curve(const Curve& curve);

/// Draws folder/training_<key>.png (slashes in keys become underscores) for each key that log_history has, e.g.
/// {"loss", "eval_loss", "eval_accuracy"}. Returns the files written; keys without a value are left out.
std::vector<std::filesystem::path> plot_loss(const std::filesystem::path& folder, const Json& log_history,
                                             const std::vector<std::string>& keys);
/// plot_loss for use during training: a failure becomes one warning instead of an error.
void redraw_plots(const std::filesystem::path& folder, const Json& log_history, const std::vector<std::string>& keys);

}  // namespace lf
