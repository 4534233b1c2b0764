#include "vega/transform/fit.hpp"

#include <algorithm>
#include <cmath>

namespace cml::vega {
namespace {

double r_squared(std::vector<Point> const& points, double mean, std::function<double(double)> const& predict) {
  double error = 0, total = 0;
  for (auto const& [x, y] : points) {
    double const e = y - predict(x), t = y - mean;
    error += e * e;
    total += t * t;
  }
  return 1 - error / total;
}

// A line through transformed coordinates.
FittedLine line_through(std::vector<Point> const& points, double (*fx)(double), double (*fy)(double)) {
  Mean x, y, xy, x2;
  for (auto const& [px, py] : points) {
    double const u = fx(px), v = fy(py);
    x.add(u), y.add(v), xy.add(u * v), x2.add(u * u);
  }
  return least_squares(x.value, y.value, xy.value, x2.value);
}
double same(double v) { return v; }
double logarithm(double v) { return std::log(v); }
double mean_y(std::vector<Point> const& points) {
  Mean mean;
  for (auto const& point : points) mean.add(point.second);
  return mean.value;
}

Fit fit_constant(std::vector<Point> const& points) {
  double const mean = mean_y(points);
  return {{mean}, [mean](double) { return mean; }, 0};
}
Fit fit_linear(std::vector<Point> const& points) {
  auto const [a, b] = line_through(points, same, same);
  Fit fit{{a, b}, [a = a, b = b](double x) { return a + b * x; }, 0};
  fit.r_squared = r_squared(points, mean_y(points), fit.predict);
  return fit;
}
Fit fit_log(std::vector<Point> const& points) {
  auto const [a, b] = line_through(points, logarithm, same);
  Fit fit{{a, b}, [a = a, b = b](double x) { return a + b * std::log(x); }, 0};
  fit.r_squared = r_squared(points, mean_y(points), fit.predict);
  return fit;
}
Fit fit_pow(std::vector<Point> const& points) {
  auto const line = line_through(points, logarithm, logarithm);
  double const a = std::exp(line.intercept), b = line.slope;
  Fit fit{{a, b}, [a, b](double x) { return a * std::pow(x, b); }, 0};
  fit.r_squared = r_squared(points, mean_y(points), fit.predict);
  return fit;
}
// Weighted by y, so that small values do not dominate.
Fit fit_exp(std::vector<Point> const& points) {
  Centered const c(points);
  Mean yl, xy, xyl, x2y;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double const x = c.x[i], y = points[i].second, l = std::log(y);
    yl.add(y * l), xy.add(x * y), xyl.add(x * y * l), x2y.add(x * x * y);
  }
  auto const [a, b] =
      least_squares(xy.value / c.mean_y, yl.value / c.mean_y, xyl.value / c.mean_y, x2y.value / c.mean_y);
  Fit fit{{std::exp(a - b * c.mean_x), b},
          [a = a, b = b, center = c.mean_x](double x) { return std::exp(a + b * (x - center)); },
          0};
  fit.r_squared = r_squared(points, c.mean_y, fit.predict);
  return fit;
}
Fit fit_quad(std::vector<Point> const& points) {
  Centered const centered(points);
  Mean x2, x3, x4, xy, x2y;
  for (std::size_t i = 0; i < centered.x.size(); ++i) {
    double const x = centered.x[i], y = centered.y[i], square = x * x;
    x2.add(square), x3.add(square * x), x4.add(square * square), xy.add(x * y), x2y.add(square * y);
  }
  double const spread = x4.value - x2.value * x2.value, d = x2.value * spread - x3.value * x3.value;
  double const a = (x2y.value * x2.value - xy.value * x3.value) / d, b = (xy.value * spread - x2y.value * x3.value) / d,
               c = -a * x2.value;
  double const ux = centered.mean_x, uy = centered.mean_y;
  Fit fit{{c - b * ux + a * ux * ux + uy, b - 2 * a * ux, a},
          [=](double x) { return x -= ux, a * x * x + b * x + c + uy; },
          0};
  fit.r_squared = r_squared(points, uy, fit.predict);
  return fit;
}

std::vector<double> solve(std::vector<std::vector<double>> matrix) {  // Columns; the last is the right side.
  auto const n = matrix.size() - 1;
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t pivot = i;
    for (auto j = i + 1; j < n; ++j)
      if (std::fabs(matrix[i][j]) > std::fabs(matrix[i][pivot])) pivot = j;
    for (auto k = i; k <= n; ++k) std::swap(matrix[k][i], matrix[k][pivot]);
    for (auto j = i + 1; j < n; ++j)
      for (auto k = n + 1; k-- > i;) matrix[k][j] -= matrix[k][i] * matrix[i][j] / matrix[i][i];
  }
  std::vector<double> out(n, 0);
  for (auto j = n; j-- > 0;) {
    double sum = 0;
    for (auto k = j + 1; k < n; ++k) sum += matrix[k][j] * out[k];
    out[j] = (matrix[n][j] - sum) / matrix[j][j];
  }
  return out;
}

Fit fit_poly(std::vector<Point> const& points, int order) {
  if (order <= 0) return fit_constant(points);
  if (order == 1) return fit_linear(points);
  if (order == 2) return fit_quad(points);
  Centered const c(points);
  auto const k = static_cast<std::size_t>(order) + 1;
  // Sums of powers up to twice the order.
  std::vector<double> powers(2 * k - 1, 0), right(k, 0);
  for (std::size_t l = 0; l < c.x.size(); ++l) {
    for (std::size_t i = 0; i < powers.size(); ++i) powers[i] += std::pow(c.x[l], static_cast<double>(i));
    for (std::size_t i = 0; i < k; ++i) right[i] += std::pow(c.x[l], static_cast<double>(i)) * c.y[l];
  }
  std::vector<std::vector<double>> matrix(k, std::vector<double>(k));
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) matrix[i][j] = powers[i + j];
  matrix.push_back(right);
  auto const coefficients = solve(std::move(matrix));
  // From powers of (x - mean) to powers of x, by the binomial theorem.
  std::vector<double> plain(k, 0);
  for (auto i = k; i-- > 0;) {
    double binomial = 1;
    plain[i] += coefficients[i];
    for (std::size_t j = 1; j <= i; ++j) {
      binomial *= static_cast<double>(i + 1 - j) / static_cast<double>(j);
      plain[i - j] += coefficients[i] * std::pow(-c.mean_x, static_cast<double>(j)) * binomial;
    }
  }
  plain[0] += c.mean_y;
  Fit fit{plain,
          [coefficients, ux = c.mean_x, uy = c.mean_y](double x) {
            x -= ux;
            double y = uy + coefficients[0] + coefficients[1] * x + coefficients[2] * x * x;
            for (std::size_t i = 3; i < coefficients.size(); ++i)
              y += coefficients[i] * std::pow(x, static_cast<double>(i));
            return y;
          },
          0};
  fit.r_squared = r_squared(points, c.mean_y, fit.predict);
  return fit;
}

}  // namespace

FittedLine least_squares(double x, double y, double xy, double x2) {
  double const delta = x2 - x * x, slope = std::fabs(delta) < 1e-24 ? 0 : (xy - x * y) / delta;
  return {y - slope * x, slope};
}

Centered::Centered(std::vector<Point> const& points) {
  Mean mx, my;
  for (auto const& [px, py] : points) mx.add(px), my.add(py);
  mean_x = mx.value, mean_y = my.value;
  x.reserve(points.size()), y.reserve(points.size());
  for (auto const& [px, py] : points) x.push_back(px - mean_x), y.push_back(py - mean_y);
}

Fit fit_curve(std::string_view method, std::vector<Point> const& points, int order) {
  if (method == "constant") return fit_constant(points);
  if (method == "log") return fit_log(points);
  if (method == "exp") return fit_exp(points);
  if (method == "pow") return fit_pow(points);
  if (method == "quad") return fit_quad(points);
  if (method == "poly") return fit_poly(points, order);
  return fit_linear(points);
}

}  // namespace cml::vega
