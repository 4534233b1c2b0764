#include "vega/render/stroke.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

constexpr double kThinStroke = 3;        // Pixels; broader ones show the corners of points that thinning leaves out.
constexpr double kBroadest = 128;        // Pixels; broader ones are few, and cairo's.
constexpr double kBand = 1 << 20;        // Pixels of the box that are covered at once: 8 MB.
constexpr double kShortest = 1e-6;       // Pixels; shorter edges have no direction.
constexpr double kTangent = 2e-3;        // Pixels of an edge that stands for a direction.
constexpr std::size_t kFew = 12;         // Points of a column that are kept as they are.
constexpr double kMostTimesOver = 4000;  // How many times the picture a stroke may cover itself before cairo takes it.

constexpr PixelPoint kNoDirection{0, 0};
PixelPoint across(PixelPoint direction, double by) { return {-direction.y * by, direction.x * by}; }
PixelPoint moved(PixelPoint p, PixelPoint by) { return {p.x + by.x, p.y + by.y}; }
PixelPoint direction_from(PixelPoint a, PixelPoint b, double& length) {
  double const dx = b.x - a.x, dy = b.y - a.y;
  length = std::sqrt(dx * dx + dy * dy);
  return {dx / length, dy / length};
}

// Where a pattern of dashes stands along a line.
class DashState {
 public:
  DashState(std::vector<double> const& lengths, double offset) : lengths_(lengths) {
    for (double length : lengths) total_ += length;
    // An odd number of lengths takes two rounds: then drawn and left out change places.
    round_ = lengths.size() % 2 ? 2 * total_ : total_;
    double const start = std::fmod(offset, round_);
    left_ = lengths_[0];
    skip(start < 0 ? start + round_ : start);
  }
  bool on() const { return on_; }
  double left() const { return left_; }  // Until the next change.
  void advance(double by) { left_ = std::max(0.0, left_ - by); }
  void next() {
    on_ = !on_;
    at_ = at_ + 1 < lengths_.size() ? at_ + 1 : 0;
    left_ = lengths_[at_];
  }
  void skip(double length) {
    length = std::fmod(length, round_);
    while (length > 0 && length >= left_) {
      length -= left_;
      next();
    }
    left_ -= length;
  }

 private:
  std::vector<double> const& lengths_;
  double total_ = 0, round_ = 0, left_ = 0;
  std::size_t at_ = 0;
  bool on_ = true;
};

}  // namespace

StrokeStyle StrokeStyle::scaled(double factor) const {
  auto out = *this;
  out.width *= factor, out.dash_offset *= factor;
  for (auto& length : out.dashes) length *= factor;
  return out;
}

// --- Collecting -----------------------------------------------------------------------------------------------------

void StrokeSink::start(Affine const& to_device, StrokeStyle style) {
  restart(to_device);
  style_ = std::move(style);
  vertices_.clear(), lines_.clear();
  pending_ = reopened_ = column_open_ = false;
  leave_ = arrive_ = kNoDirection;
  thins_ = style_.dashes.empty() && style_.width <= kThinStroke;
  columns_ = 1 / std::clamp(style_.width / 2, 0.5, 1.0);
}

void StrokeSink::begin_outline() {
  pending_ = true;
  reopened_ = false;
}
void StrokeSink::end_outline() {
  flush_column();
  if (!lines_.empty()) lines_.back().end = vertices_.size();
}
void StrokeSink::edge_to(PixelPoint to, bool smooth) {
  if (pending_) {
    pending_ = false;
    lines_.push_back({vertices_.size(), 0, false});
    add_vertex({at_, false});
  }
  if (leave_.x != 0 || leave_.y != 0 || arrive_.x != 0 || arrive_.y != 0) {
    double length = 0;
    auto const chord = direction_from(at_, to, length);
    if (length > 2 * kTangent) {
      add_tangent(leave_, at_, kTangent, chord);
      add_tangent(arrive_, to, -kTangent, chord);
    }
    leave_ = arrive_ = kNoDirection;
  }
  at_ = to;
  add_vertex({to, smooth});
}
void StrokeSink::close() {
  if (!open_ || (pending_ && reopened_)) return;
  if (pending_) edge_to(first_, false);  // A lone point, of which round ends make a dot.
  end_outline();
  if (!lines_.empty()) lines_.back().closed = true;
  at_ = first_;
  pending_ = reopened_ = true;
}

void StrokeSink::leave_along(PixelPoint b, PixelPoint c, PixelPoint d) {
  for (auto const& towards : {b, c, d})
    if (take_tangent(leave_, at_, towards)) return;
}
void StrokeSink::arrive_along(PixelPoint b, PixelPoint c, PixelPoint d) {
  for (auto const& from : {c, b, at_})
    if (take_tangent(arrive_, from, d)) return;
}
bool StrokeSink::take_tangent(PixelPoint& tangent, PixelPoint from, PixelPoint to) {
  double length = 0;
  auto const direction = direction_from(from, to, length);
  if (!(length > kTangent)) return false;
  tangent = direction;
  return true;
}
// A tangent is an edge too short to be seen, where the stroke's corner shows that it is another than its chord's.
void StrokeSink::add_tangent(PixelPoint& tangent, PixelPoint at, double by, PixelPoint chord) {
  auto const direction = std::exchange(tangent, kNoDirection);
  if (direction.x == 0 && direction.y == 0) return;
  double const shows = style_.width / 2 * (1 - (direction.x * chord.x + direction.y * chord.y));
  if (shows > kTolerance / 2) add_vertex({{at.x + direction.x * by, at.y + direction.y * by}, true});
}

void StrokeSink::add_vertex(Vertex const& vertex) {
  if (!thins_) {
    vertices_.push_back(vertex);
    return;
  }
  double const number = std::floor(vertex.at.x * columns_);
  auto& c = column_;
  if (!column_open_ || number != c.number) {
    flush_column();
    vertices_.push_back(vertex);
    few_.clear();
    c.number = number, c.last_index = 0, c.last = vertex;
    c.low.restart(vertex, 0), c.high.restart(vertex, 0);
    column_open_ = true;
    return;
  }
  auto const index = ++c.last_index;
  if (index <= kFew) few_.push_back(vertex);
  if (vertex.at.y < c.low.begin.at.y)
    c.low.restart(vertex, index);
  else
    c.low.add(vertex, index);
  if (vertex.at.y > c.high.begin.at.y)
    c.high.restart(vertex, index);
  else
    c.high.add(vertex, index);
  c.last = vertex;
}
void StrokeSink::flush_column() {
  if (!column_open_) return;
  column_open_ = false;
  auto const& c = column_;
  if (c.last_index <= kFew) {
    vertices_.insert(vertices_.end(), few_.begin(), few_.end());
    return;
  }
  bool const low_first = c.low.begin_index < c.high.begin_index;
  std::size_t done = 0;
  auto const push = [&](Vertex const& v, std::size_t index) {
    if (index <= done) return;
    vertices_.push_back(v);
    done = index;
  };
  for (auto const* extreme : {low_first ? &c.low : &c.high, low_first ? &c.high : &c.low}) {
    push(extreme->begin, extreme->begin_index);
    push(extreme->end, extreme->end_index);
  }
  push(c.last, c.last_index);
}

// --- Pieces ---------------------------------------------------------------------------------------------------------

void StrokeSink::add_segment(PixelPoint a, PixelPoint b, PixelPoint direction) {
  auto const n = across(direction, style_.width / 2);
  PixelPoint const back{-n.x, -n.y};
  coverage_.add(std::array<PixelPoint, 4>{moved(a, n), moved(b, n), moved(b, back), moved(a, back)});
}

// Fills the outer side of the corner between two segments.
void StrokeSink::add_join(Vertex const& vertex, PixelPoint from, PixelPoint to) {
  double const turn = from.x * to.y - from.y * to.x, along = from.x * to.x + from.y * to.y;
  if (turn == 0 && along > 0) return;
  double const side = turn > 0 ? -style_.width / 2 : style_.width / 2;
  auto const p = vertex.at, a = moved(p, across(from, side)), b = moved(p, across(to, side));
  if (vertex.smooth || style_.join == StrokeJoin::Round) return coverage_.add_sector(p, a, std::atan2(turn, along));
  // A mitre is as long as the limit allows where 1 / sin(angle / 2) is at most the limit.
  if (style_.join == StrokeJoin::Miter && 2 <= style_.miter_limit * style_.miter_limit * (1 + along)) {
    double const reach = side / (1 + along);
    PixelPoint const tip = moved(moved(p, across(from, reach)), across(to, reach));
    coverage_.add(std::array<PixelPoint, 4>{p, a, tip, b});
  } else {
    coverage_.add(std::array<PixelPoint, 3>{p, a, b});
  }
}

void StrokeSink::add_cap(PixelPoint at, PixelPoint outward) {
  double const half = style_.width / 2;
  auto const side = moved(at, across(outward, half));
  if (style_.cap == StrokeCap::Round) {
    coverage_.add_sector(at, side, -kPi);
  } else if (style_.cap == StrokeCap::Square) {
    add_segment(at, {at.x + outward.x * half, at.y + outward.y * half}, outward);
  }
}

void StrokeSink::add_line(Line const& line, Box const& box) {
  distinct_.clear();
  for (auto i = line.begin; i < line.end; ++i) {
    auto const& v = vertices_[i];
    if (distinct_.empty() || std::fabs(v.at.x - distinct_.back().at.x) > kShortest ||
        std::fabs(v.at.y - distinct_.back().at.y) > kShortest)
      distinct_.push_back(v);
  }
  bool const closed = line.closed;
  if (closed && distinct_.size() > 1) {
    auto const &first = distinct_.front(), &last = distinct_.back();
    bool const back = std::fabs(first.at.x - last.at.x) <= kShortest && std::fabs(first.at.y - last.at.y) <= kShortest;
    if (!back) distinct_.push_back(first);
  }
  if (distinct_.size() < 2) {
    if (distinct_.empty() || style_.cap != StrokeCap::Round) return;
    if (!style_.dashes.empty() && !DashState(style_.dashes, style_.dash_offset).on()) return;
    auto const middle = distinct_[0].at;
    return coverage_.add_sector(middle, {middle.x + style_.width / 2, middle.y}, kTau);
  }
  if (!style_.dashes.empty()) return add_dashes(distinct_, closed, box);
  PixelPoint first{0, 0}, before{0, 0};
  for (std::size_t i = 1; i < distinct_.size(); ++i) {
    auto const a = distinct_[i - 1].at, b = distinct_[i].at;
    double length = 0;
    auto const direction = direction_from(a, b, length);
    if (i == 1)
      first = direction;
    else
      add_join(distinct_[i - 1], before, direction);
    add_segment(a, b, direction);
    before = direction;
  }
  if (closed) return add_join(distinct_.front(), before, first);
  add_cap(distinct_.front().at, {-first.x, -first.y});
  add_cap(distinct_.back().at, before);
}

// Of each segment only the part that may be seen is walked dash by dash.
void StrokeSink::add_dashes(std::vector<Vertex> const& line, bool closed, Box const& box) {
  DashState dash(style_.dashes, style_.dash_offset);
  double const around = style_.width * std::max(1.0, style_.miter_limit);
  bool const joins_ends = closed && dash.on();
  bool drawing = false, begun = false, from_start = false;
  PixelPoint first{0, 0}, before{0, 0};
  for (std::size_t i = 1; i < line.size(); ++i) {
    auto const a = line[i - 1].at, b = line[i].at;
    double length = 0;
    auto const direction = direction_from(a, b, length);
    // The visible part, by Liang and Barsky.
    double enter = 0, leave = length;
    auto const cut = [&](double start, double step, double low, double high) {
      if (step == 0) {
        if (start < low || start > high) leave = -1;
        return;
      }
      double const t0 = (low - start) / step, t1 = (high - start) / step;
      enter = std::max(enter, std::min(t0, t1)), leave = std::min(leave, std::max(t0, t1));
    };
    cut(a.x, direction.x, box.left - around, box.right + around);
    cut(a.y, direction.y, box.top - around, box.bottom + around);
    if (i == 1) first = direction;
    if (!(enter < leave)) {
      dash.skip(length);
      drawing = dash.on(), begun = false, from_start = false;
      before = direction;
      continue;
    }
    if (drawing && begun && enter == 0) add_join(line[i - 1], before, direction);
    double at = 0;
    if (enter > 0) {
      dash.skip(enter);
      at = enter;
      drawing = dash.on(), begun = false, from_start = false;
    }
    auto const point = [&](double t) { return PixelPoint{a.x + direction.x * t, a.y + direction.y * t}; };
    while (at < leave) {
      budget::steps(30);
      if (dash.on() && !drawing) {
        drawing = true;
        from_start = joins_ends && i == 1 && at == 0;
        if (!from_start) add_cap(point(at), {-direction.x, -direction.y});
      }
      double const step = std::min(dash.left(), leave - at);
      if (drawing && step > 0) add_segment(point(at), point(at + step), direction);
      begun = drawing;
      at += step;
      dash.advance(step);
      if (dash.left() > 0) continue;  // The segment is over.
      if (drawing) add_cap(point(at), direction);
      drawing = false;
      dash.next();
    }
    if (leave < length) {
      dash.skip(length - leave);
      drawing = dash.on(), begun = false;
    }
    before = direction;
  }
  if (!drawing) {
    if (joins_ends) add_cap(line.front().at, {-first.x, -first.y});
    return;
  }
  if (joins_ends)
    add_join(line.front(), before, first);
  else
    add_cap(line.back().at, before);
}

// --- Painting -------------------------------------------------------------------------------------------------------

// The pixels that the stroke may touch.
bool StrokeSink::finite_box(Pixels const& pixels, Box& box) const {
  double const infinity = std::numeric_limits<double>::infinity();
  double x0 = infinity, y0 = infinity, x1 = -infinity, y1 = -infinity;
  bool finite = true;
  for (auto const& v : vertices_) {
    finite = finite && std::fabs(v.at.x) < kFarthest && std::fabs(v.at.y) < kFarthest;
    x0 = std::min(x0, v.at.x), x1 = std::max(x1, v.at.x), y0 = std::min(y0, v.at.y), y1 = std::max(y1, v.at.y);
  }
  if (!finite) return false;
  double const around = style_.width * std::max(1.0, style_.join == StrokeJoin::Miter ? style_.miter_limit / 2 : 1) + 1;
  box = {whole(std::floor(x0 - around), pixels.left, pixels.right),
         whole(std::floor(y0 - around), pixels.top, pixels.bottom),
         whole(std::ceil(x1 + around), pixels.left, pixels.right),
         whole(std::ceil(y1 + around), pixels.top, pixels.bottom)};
  return true;
}

void StrokeSink::add_lines(Box const& box) {
  for (auto const& line : lines_) add_line(line, box);
}

// Covers the box from top to bottom, so much at a time, and calls `take` after each.
template <class Take>
bool StrokeSink::each_band(Pixels const& pixels, Take take) {
  end_outline();
  Box box{};
  double const width = style_.width;
  if (!(width <= kBroadest) || !(style_.miter_limit < kFarthest)) return false;
  if (!finite_box(pixels, box)) return false;
  if (vertices_.empty() || box.left >= box.right || box.top >= box.bottom) return true;
  double const columns = box.right - box.left, rows = box.bottom - box.top;
  if (width * width * static_cast<double>(vertices_.size()) > kMostTimesOver * std::max(1e5, columns * rows))
    return false;
  int const band = whole(kBand / columns, 16, 32767);
  for (int top = box.top; top < box.bottom; top += band) {
    Box const part{box.left, top, box.right, std::min(box.bottom, top + band)};
    budget::steps(200 + 10 * static_cast<double>(vertices_.size()) + columns * (part.bottom - part.top) / 8);
    coverage_.start(part.left, part.top, part.right, part.bottom);
    add_lines(part);
    take();
  }
  return true;
}

bool StrokeSink::paint(Pixels const& pixels, SolidColor const& color) {
  Brush const brush(color);
  return each_band(
      pixels, [&] { coverage_.take([&](int x, int y, std::uint32_t mask) { brush.paint(pixels.row(y)[x], mask); }); });
}

bool StrokeSink::mask(Pixels const& pixels, Mask& out) {
  out = {};
  end_outline();
  Box box{};
  if (!finite_box(pixels, box)) return false;
  if (vertices_.empty() || box.left >= box.right || box.top >= box.bottom) return true;
  out.left = box.left, out.top = box.top, out.width = box.right - box.left, out.height = box.bottom - box.top;
  out.coverage.assign(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height), 0);
  return each_band(pixels, [&] {
    coverage_.take([&](int x, int y, std::uint32_t mask) {
      out.coverage[static_cast<std::size_t>(y - out.top) * static_cast<std::size_t>(out.width) +
                   static_cast<std::size_t>(x - out.left)] = static_cast<std::uint8_t>(mask);
    });
  });
}

}  // namespace cml::vega
