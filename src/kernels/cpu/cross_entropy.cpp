// Each row is read three times in pieces that stay in the first-level cache: largest logit, sum of exponentials,
// gradient. Sums over a piece are fp32, over pieces double.
#include "kernels/cpu/cross_entropy.h"

#include <cstring>

#include "kernels/cpu/convert.h"
#include "kernels/cpu/fast_exp.h"
#include "kernels/cpu/simd.h"

namespace lf::cpu {

namespace {
constexpr int64_t kPiece = 2048;

LF_SIMD float largest(const float* x, int64_t n, float start) {
  float m = start;
#pragma omp simd reduction(max : m)
  for (int64_t i = 0; i < n; ++i) m = x[i] > m ? x[i] : m;
  return m;
}

/// `x` is padded to a multiple of eight with values that are at least 87 below `max`.
LF_SIMD float sum_exp(const float* x, int64_t n, float max) {
  Float8 sum{};
  for (int64_t i = 0; i < n; i += 8) {
    Float8 piece;
    std::memcpy(&piece, x + i, sizeof(piece));
    piece -= max;
    fast_exp(piece);
    sum += piece;
  }
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

LF_SIMD float sum_of(const float* x, int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

/// `x` has room up to a multiple of eight.
LF_SIMD void softmax_piece(float* x, int64_t n, float max, float scale, float shift) {
  for (int64_t i = 0; i < n; i += 8) {
    Float8 piece;
    std::memcpy(&piece, x + i, sizeof(piece));
    piece -= max;
    fast_exp(piece);
    piece = piece * scale - shift;
    std::memcpy(x + i, &piece, sizeof(piece));
  }
}

/// One row of logits, seen as fp32 pieces.
class Row {
 public:
  Row(Tensor& logits, int64_t row)
      : dtype_(logits.scalar_type()),
        width_(logits.size(1)),
        data_(static_cast<char*>(logits.data_ptr()) + row * width_ * logits.element_size()),
        element_(logits.element_size()) {}

  int64_t width() const { return width_; }
  float at(int64_t column) const {
    float value = 0;
    load_row(data_ + column * element_, dtype_, 0, 1, false, &value);
    return value;
  }
  /// body(piece, count) over the row; the pieces are views where the row is fp32. Behind each piece, up to a multiple
  /// of eight, stands minus infinity.
  template <class Body>
  void read(const Body& body) const {
    std::array<float, kPiece> buffer;
    for (int64_t begin = 0; begin < width_; begin += kPiece) {
      const int64_t n = std::min(kPiece, width_ - begin);
      if (dtype_ == at::kFloat && n % 8 == 0) {
        body(reinterpret_cast<const float*>(data_) + begin, n);
      } else {
        load_row(data_ + begin * element_, dtype_, 0, n, false, buffer.data());
        std::fill(buffer.begin() + n, buffer.begin() + (n + 7) / 8 * 8, -std::numeric_limits<float>::infinity());
        body(buffer.data(), n);
      }
    }
  }
  /// body(piece, begin, count) changes the row.
  template <class Body>
  void change(const Body& body) {
    std::array<float, kPiece> buffer{};
    for (int64_t begin = 0; begin < width_; begin += kPiece) {
      const int64_t n = std::min(kPiece, width_ - begin);
      load_row(data_ + begin * element_, dtype_, 0, n, false, buffer.data());
      body(buffer.data(), begin, n);
      store_row(buffer.data(), data_, dtype_, begin, n);
    }
  }

 private:
  c10::ScalarType dtype_;
  int64_t width_;
  char* data_;
  int64_t element_;
};

/// Whether `column` is the first that holds the largest value.
bool is_argmax(const Row& row, int64_t column, float max) {
  if (row.at(column) != max) return false;
  int64_t begin = 0;
  bool earlier = false;
  row.read([&](const float* x, int64_t n) {
    const int64_t end = std::min(n, column - begin);
    for (int64_t i = 0; i < end; ++i) earlier |= x[i] == max;
    begin += n;
  });
  return !earlier;
}

float one_row(Row row, int64_t target, double smoothing, bool gradient, bool& correct) {
  float max = -std::numeric_limits<float>::infinity();
  row.read([&](const float* x, int64_t n) { max = largest(x, n, max); });
  double sum = 0, total = 0;
  row.read([&](const float* x, int64_t n) {
    sum += sum_exp(x, n, max);
    if (smoothing > 0) total += sum_of(x, n);
  });
  correct = is_argmax(row, target, max);
  const double log_sum = std::log(sum) + max, width = static_cast<double>(row.width());
  double loss = (1 - smoothing) * (log_sum - row.at(target));
  if (smoothing > 0) loss += smoothing * (log_sum - total / width);
  if (gradient) {
    const float scale = static_cast<float>(1.0 / sum), shift = static_cast<float>(smoothing / width);
    row.change([&](float* x, int64_t begin, int64_t n) {
      softmax_piece(x, n, max, scale, shift);
      if (target >= begin && target < begin + n) x[target - begin] -= static_cast<float>(1 - smoothing);
    });
  }
  return static_cast<float>(loss);
}
}  // namespace

void cross_entropy_rows(Tensor& logits, const int64_t* targets, double smoothing, bool gradient, float* losses,
                        bool* correct) {
  at::parallel_for(0, logits.size(0), 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      losses[i] = one_row(Row(logits, i), targets[i], smoothing, gradient, correct[i]);
    }
  });
}

}  // namespace lf::cpu
