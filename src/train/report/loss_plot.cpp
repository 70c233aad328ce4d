#include "train/report/loss_plot.h"

#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/atomic_file.h"
#include "train/report/axis.h"

namespace lf {
namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 480;
constexpr double kTop = 46, kBottom = 52, kRight = 22;

struct Point {
  double x, y;
};

struct Box {
  double left, top, width, height;
  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

/// Text that cairo accepts: ill-formed UTF-8 would end the whole drawing.
std::string clean_text(const std::string& text) {
  return Json::parse(Json(printable(text, 400)).dump(-1, ' ', false, Json::error_handler_t::replace))
      .get<std::string>();
}

class Picture {
 public:
  /// `family` "@cairo:" is cairo's own stroke font, which needs no font files; "" draws no text.
  explicit Picture(std::string family)
      : family_(std::move(family)),
        surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, kWidth, kHeight), cairo_surface_destroy),
        context_(cairo_create(surface_.get()), cairo_destroy) {
    cairo_set_source_rgb(context_.get(), 1, 1, 1);
    cairo_paint(context_.get());
  }

  cairo_t* get() const { return context_.get(); }
  bool ok() const { return cairo_status(context_.get()) == CAIRO_STATUS_SUCCESS; }

  double text_width(const std::string& text, double size) {
    if (family_.empty()) return 0;
    set_font(size);
    cairo_text_extents_t extents;
    cairo_text_extents(get(), text.c_str(), &extents);
    return extents.x_advance;
  }
  /// `align` 0 left, 0.5 centre, 1 right of x; y is the base line.
  void text(const std::string& text, double x, double y, double size, double align) {
    if (family_.empty()) return;
    const double width = text_width(text, size);
    cairo_set_source_rgb(get(), 0.15, 0.15, 0.15);
    cairo_move_to(get(), x - align * width, y);
    cairo_show_text(get(), text.c_str());
    cairo_new_path(get());
  }
  void line(double x0, double y0, double x1, double y1) {
    cairo_move_to(get(), x0, y0);
    cairo_line_to(get(), x1, y1);
    cairo_stroke(get());
  }
  std::string png() const {
    std::string bytes;
    auto append = [](void* out, const unsigned char* data, unsigned int size) {
      static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(data), size);
      return CAIRO_STATUS_SUCCESS;
    };
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface_.get(), append, &bytes);
    LF_CHECK(kInternal, status == CAIRO_STATUS_SUCCESS, "a plot could not be encoded: {}",
             cairo_status_to_string(status));
    return bytes;
  }

 private:
  void set_font(double size) {
    cairo_select_font_face(get(), family_.c_str(), CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(get(), size);
  }

  std::string family_;
  std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface_;
  std::unique_ptr<cairo_t, decltype(&cairo_destroy)> context_;
};

class Plot {
 public:
  Plot(Picture& picture, const Curve& curve) : picture_(picture), curve_(curve) {
    double low_x = 0, high_x = 1, low_y = 0, high_y = 1;
    bounds(curve.steps, low_x, high_x);
    bounds(curve.values, low_y, high_y);
    x_ = make_axis(low_x, high_x, 7, true);
    y_ = make_axis(low_y, high_y, 7, false);
    double widest = 20;
    for (const std::string& label : y_.labels) widest = std::max(widest, picture_.text_width(label, 13));
    box_ = {.left = std::ceil(widest) + 44, .top = kTop, .width = 0, .height = kHeight - kTop - kBottom};
    box_.width = kWidth - kRight - box_.left;
  }

  void draw() {
    grid();
    curve(curve_.values, 0.4, 1.5, true);
    curve(smooth_curve_of_finite(), 1.0, 2.0, false);
    frame();
    labels();
    legend();
  }

 private:
  static void bounds(const std::vector<double>& values, double& low, double& high) {
    bool any = false;
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      low = any ? std::min(low, value) : value;
      high = any ? std::max(high, value) : value;
      any = true;
    }
  }

  /// The smoothed values where the raw ones are finite, gaps elsewhere.
  std::vector<double> smooth_curve_of_finite() const {
    std::vector<double> finite;
    for (const double value : curve_.values) {
      if (std::isfinite(value)) finite.push_back(value);
    }
    const std::vector<double> smooth = smooth_curve(finite);
    std::vector<double> out = curve_.values;
    size_t next = 0;
    for (double& value : out) {
      if (std::isfinite(value)) value = smooth[next++];
    }
    return out;
  }

  Point at(double x, double y) const {
    return {box_.left + (x - x_.low) / (x_.high - x_.low) * box_.width,
            box_.bottom() - (y - y_.low) / (y_.high - y_.low) * box_.height};
  }

  /// Runs of points without gaps; with more points than pixels, each column keeps its first, lowest, highest and last.
  std::vector<std::vector<Point>> runs(const std::vector<double>& values) const {
    std::vector<std::vector<Point>> out(1);
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i]) || !std::isfinite(curve_.steps[i])) {
        if (!out.back().empty()) out.emplace_back();
        continue;
      }
      out.back().push_back(at(curve_.steps[i], values[i]));
    }
    if (values.size() > static_cast<size_t>(4 * kWidth)) {
      for (std::vector<Point>& run : out) run = thinned(run);
    }
    return out;
  }

  static std::vector<Point> thinned(const std::vector<Point>& run) {
    std::vector<Point> out;
    for (size_t begin = 0; begin < run.size();) {
      size_t end = begin + 1;
      while (end < run.size() && std::floor(run[end].x) == std::floor(run[begin].x)) ++end;
      const auto [low, high] =
          std::minmax_element(run.begin() + static_cast<ptrdiff_t>(begin), run.begin() + static_cast<ptrdiff_t>(end),
                              [](const Point& a, const Point& b) { return a.y < b.y; });
      out.push_back(run[begin]);
      out.push_back(low < high ? *low : *high);
      out.push_back(low < high ? *high : *low);
      out.push_back(run[end - 1]);
      begin = end;
    }
    return out;
  }

  void set_colour(double alpha) {
    cairo_set_source_rgba(picture_.get(), 0x1f / 255.0, 0x77 / 255.0, 0xb4 / 255.0, alpha);
  }

  void curve(const std::vector<double>& values, double alpha, double width, bool dots) {
    cairo_t* c = picture_.get();
    set_colour(alpha);
    cairo_set_line_width(c, width);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
    for (const std::vector<Point>& run : runs(values)) {
      for (size_t i = 0; i < run.size(); ++i)
        i == 0 ? cairo_move_to(c, run[i].x, run[i].y) : cairo_line_to(c, run[i].x, run[i].y);
      cairo_stroke(c);
      if (dots && run.size() == 1) {
        cairo_arc(c, run[0].x, run[0].y, 3, 0, 2 * M_PI);
        cairo_fill(c);
      }
    }
    cairo_set_line_cap(c, CAIRO_LINE_CAP_BUTT);
  }

  void grid() {
    cairo_set_source_rgb(picture_.get(), 0.9, 0.9, 0.9);
    cairo_set_line_width(picture_.get(), 1);
    for (const double tick : x_.ticks) {
      const double x = std::floor(at(tick, 0).x) + 0.5;
      picture_.line(x, box_.top, x, box_.bottom());
    }
    for (const double tick : y_.ticks) {
      const double y = std::floor(at(0, tick).y) + 0.5;
      picture_.line(box_.left, y, box_.right(), y);
    }
  }

  void frame() {
    cairo_t* c = picture_.get();
    cairo_set_source_rgb(c, 0.15, 0.15, 0.15);
    cairo_set_line_width(c, 1);
    cairo_rectangle(c, std::floor(box_.left) + 0.5, std::floor(box_.top) + 0.5, std::floor(box_.width),
                    std::floor(box_.height));
    cairo_stroke(c);
    for (size_t i = 0; i < x_.ticks.size(); ++i) {
      const double x = std::floor(at(x_.ticks[i], 0).x) + 0.5;
      cairo_set_source_rgb(c, 0.15, 0.15, 0.15);
      picture_.line(x, box_.bottom(), x, box_.bottom() + 4);
      picture_.text(x_.labels[i], x, box_.bottom() + 18, 13, 0.5);
    }
    for (size_t i = 0; i < y_.ticks.size(); ++i) {
      const double y = std::floor(at(0, y_.ticks[i]).y) + 0.5;
      cairo_set_source_rgb(c, 0.15, 0.15, 0.15);
      picture_.line(box_.left - 4, y, box_.left, y);
      picture_.text(y_.labels[i], box_.left - 8, y + 4.5, 13, 1);
    }
  }

  void labels() {
    title();
    picture_.text("step", box_.left + box_.width / 2, kHeight - 12, 13.5, 0.5);
    cairo_t* c = picture_.get();
    cairo_save(c);
    cairo_translate(c, 20, box_.top + box_.height / 2);
    cairo_rotate(c, -M_PI / 2);
    picture_.text(clean_text(curve_.y_label), 0, 0, 13.5, 0.5);
    cairo_restore(c);
  }

  /// Shrinks a long title, then leaves out its middle.
  void title() {
    const std::string& full = curve_.title;
    std::string text = clean_text(full);
    double size = 16;
    while (size > 11 && picture_.text_width(text, size) > kWidth - 20) size -= 0.5;
    const size_t head = std::min<size_t>(full.find(" of ") == std::string::npos ? 0 : full.find(" of ") + 4, 60);
    for (size_t tail = full.size() - head; tail > 8 && picture_.text_width(text, size) > kWidth - 20; tail -= 4) {
      text = clean_text(full.substr(0, head) + "..." + full.substr(full.size() - tail));
    }
    picture_.text(text, kWidth / 2.0, 29, size, 0.5);
  }

  /// The corner in which the fewest points lie.
  Box legend_place(double width, double height) const {
    const double margin = 9;
    const double left = box_.left + margin, right = box_.right() - margin - width;
    const double top = box_.top + margin, bottom = box_.bottom() - margin - height;
    const Point corners[] = {{right, top}, {right, bottom}, {left, top}, {left, bottom}};
    Box best{};
    int fewest = -1;
    for (const Point& corner : corners) {
      int inside = 0;
      for (const std::vector<Point>& run : runs(curve_.values)) {
        for (const Point& p : run) {
          inside +=
              p.x >= corner.x - 4 && p.x <= corner.x + width + 4 && p.y >= corner.y - 4 && p.y <= corner.y + height + 4;
        }
      }
      if (fewest < 0 || inside < fewest) {
        fewest = inside;
        best = {corner.x, corner.y, width, height};
      }
    }
    return best;
  }

  void legend() {
    const double text = std::max(picture_.text_width("original", 13), picture_.text_width("smoothed", 13));
    const Box place = legend_place(text + 52, 46);
    cairo_t* c = picture_.get();
    cairo_rectangle(c, std::floor(place.left) + 0.5, std::floor(place.top) + 0.5, std::ceil(place.width), place.height);
    cairo_set_source_rgba(c, 1, 1, 1, 0.85);
    cairo_fill_preserve(c);
    cairo_set_source_rgb(c, 0.8, 0.8, 0.8);
    cairo_set_line_width(c, 1);
    cairo_stroke(c);
    const char* names[] = {"original", "smoothed"};
    for (int i = 0; i < 2; ++i) {
      const double y = place.top + 14 + i * 19;
      set_colour(i == 0 ? 0.4 : 1.0);
      cairo_set_line_width(c, i == 0 ? 1.5 : 2.0);
      picture_.line(place.left + 9, y, place.left + 35, y);
      picture_.text(names[i], place.left + 43, y + 4.5, 13, 0);
    }
  }

  Picture& picture_;
  const Curve& curve_;
  Axis x_, y_;
  Box box_{};
};

Curve curve_of(const std::filesystem::path& folder, const Json& history, const std::string& key) {
  Curve curve{
      .title = fmt::format("training {} of {}", key, folder.string()), .y_label = key, .steps = {}, .values = {}};
  for (const Json& entry : history) {
    auto value = entry.find(key);
    auto step = entry.find("step");
    if (value == entry.end() || step == entry.end() || !value->is_number() || !step->is_number()) continue;
    curve.steps.push_back(step->get<double>());
    curve.values.push_back(value->get<double>());
  }
  return curve;
}

}  // namespace

std::vector<double> smooth_curve(const std::vector<double>& values) {
  std::vector<double> smoothed;
  smoothed.reserve(values.size());
  const double weight = 1.8 * (1 / (1 + std::exp(-0.05 * static_cast<double>(values.size()))) - 0.5);
  double last = values.empty() ? 0 : values.front();
  for (const double value : values) {
    last = last * weight + (1 - weight) * value;
    smoothed.push_back(last);
  }
  return smoothed;
}

std::string render_curve(const Curve& curve) {
  LF_ASSERT(curve.steps.size() == curve.values.size());
  for (const char* family : {"DejaVu Sans", "@cairo:", ""}) {
    Picture picture(family);
    Plot(picture, curve).draw();
    if (picture.ok() || *family == '\0') return picture.png();
  }
  return "";
}

std::vector<std::filesystem::path> plot_loss(const std::filesystem::path& folder, const Json& log_history,
                                             const std::vector<std::string>& keys) {
  std::vector<std::filesystem::path> files;
  for (const std::string& key : keys) {
    const Curve curve = curve_of(folder, log_history, key);
    if (curve.values.empty()) continue;
    const std::filesystem::path file = folder / fmt::format("training_{}.png", replace_all(key, "/", "_"));
    create_folder(folder);
    write_file_durably(file, render_curve(curve));
    files.push_back(file);
  }
  return files;
}

void redraw_plots(const std::filesystem::path& folder, const Json& log_history, const std::vector<std::string>& keys) {
  try {
    plot_loss(folder, log_history, keys);
  } catch (const std::exception& error) {
    log_warn("plot", "the loss curve could not be drawn: {}", error.what());
  }
}

}  // namespace lf
