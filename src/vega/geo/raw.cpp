// Table: projections by name, with d3's default scales and clip angles.
#include "vega/geo/raw.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "vega/geo/sphere.hpp"

namespace cml::vega::geo {
namespace {

double tan_half(double phi) { return std::tan((kHalfPi + phi) / 2); }
double gudermannian(double y) { return 2 * std::atan(std::exp(y)) - kHalfPi; }  // The latitude of Mercator's y.

PlanePoint equirectangular(double lambda, double phi) { return {lambda, phi}; }
Angles equirectangular_inverse(double x, double y) { return {x, y}; }
PlanePoint mercator(double lambda, double phi) { return {lambda, std::log(tan_half(phi))}; }
Angles mercator_inverse(double x, double y) { return {x, gudermannian(y)}; }
PlanePoint transverse_mercator(double lambda, double phi) { return {std::log(tan_half(phi)), -lambda}; }
Angles transverse_mercator_inverse(double x, double y) { return {-y, gudermannian(x)}; }

// --- Azimuthal: the distance from the centre depends on the angle from it alone
// ---------------------------------------

PlanePoint orthographic(double lambda, double phi) { return {std::cos(phi) * std::sin(lambda), std::sin(phi)}; }
PlanePoint gnomonic(double lambda, double phi) {
  double const c = std::cos(phi), k = std::cos(lambda) * c;
  return {c * std::sin(lambda) / k, std::sin(phi) / k};
}
PlanePoint stereographic(double lambda, double phi) {
  double const c = std::cos(phi), k = 1 + std::cos(lambda) * c;
  return {c * std::sin(lambda) / k, std::sin(phi) / k};
}
PlanePoint azimuthal(double lambda, double phi, double k) {
  if (std::isinf(k)) return {2, 0};
  return {k * std::cos(phi) * std::sin(lambda), k * std::sin(phi)};
}
PlanePoint azimuthal_equal_area(double lambda, double phi) {
  return azimuthal(lambda, phi, std::sqrt(2 / (1 + std::cos(lambda) * std::cos(phi))));
}
PlanePoint azimuthal_equidistant(double lambda, double phi) {
  double const c = clamped_acos(std::cos(lambda) * std::cos(phi));
  return azimuthal(lambda, phi, c == 0 ? 0 : c / std::sin(c));
}
template <double (*AngleAt)(double distance)>
Angles azimuthal_inverse(double x, double y) {
  double const z = std::sqrt(x * x + y * y), c = AngleAt(z), sine = std::sin(c);
  return {std::atan2(x * sine, z * std::cos(c)), z == 0 ? 0 : clamped_asin(y * sine / z)};
}
double gnomonic_angle(double z) { return std::atan(z); }
double stereographic_angle(double z) { return 2 * std::atan(z); }
double equal_area_angle(double z) { return 2 * clamped_asin(z / 2); }
double equidistant_angle(double z) { return z; }

// --- Pseudocylindrical: a polynomial or an equation of the latitude
// ---------------------------------------------------

// Newton's method: from `start` until a step is below `least`, at most `steps` times. `step` answers f(x) / f'(x).
template <class Step>
double newton(double start, int steps, double least, Step step) {
  double x = start;
  for (int i = 0; i < steps; ++i) {
    double const delta = step(x);
    x -= delta;
    if (!(std::fabs(delta) > least)) break;
  }
  return x;
}

namespace equal_earth_series {
constexpr double A1 = 1.340264, A2 = -0.081106, A3 = 0.000893, A4 = 0.003796;
double const M = std::sqrt(3.0) / 2;
double value(double l) {
  double const l2 = l * l, l6 = l2 * l2 * l2;
  return l * (A1 + A2 * l2 + l6 * (A3 + A4 * l2));
}
double slope(double l) {
  double const l2 = l * l, l6 = l2 * l2 * l2;
  return A1 + 3 * A2 * l2 + l6 * (7 * A3 + 9 * A4 * l2);
}
}  // namespace equal_earth_series
PlanePoint equal_earth(double lambda, double phi) {
  using namespace equal_earth_series;
  double const l = clamped_asin(M * std::sin(phi));
  return {lambda * std::cos(l) / (M * slope(l)), value(l)};
}
Angles equal_earth_inverse(double x, double y) {
  using namespace equal_earth_series;
  double const l = newton(y, 12, kEpsilon2, [y](double at) { return (value(at) - y) / slope(at); });
  return {M * x * slope(l) / std::cos(l), clamped_asin(std::sin(l) / M)};
}

namespace natural_earth_series {
double width(double phi) {
  double const p2 = phi * phi, p4 = p2 * p2;
  return 0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4));
}
double height(double phi) {
  double const p2 = phi * phi, p4 = p2 * p2;
  return phi * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)));
}
double slope(double phi) {
  double const p2 = phi * phi, p4 = p2 * p2;
  return 1.007226 + p2 * (0.015085 * 3 + p4 * (-0.044475 * 7 + 0.028874 * 9 * p2 - 0.005916 * 11 * p4));
}
}  // namespace natural_earth_series
PlanePoint natural_earth(double lambda, double phi) {
  return {lambda * natural_earth_series::width(phi), natural_earth_series::height(phi)};
}
Angles natural_earth_inverse(double x, double y) {
  using namespace natural_earth_series;
  double const phi = newton(y, 25, kEpsilon, [y](double at) { return (height(at) - y) / slope(at); });
  return {x / width(phi), phi};
}

PlanePoint mollweide(double lambda, double phi) {
  double const target = kPi * std::sin(phi);
  double const theta =
      newton(phi, 30, kEpsilon, [target](double at) { return (at + std::sin(at) - target) / (1 + std::cos(at)); }) / 2;
  return {std::numbers::sqrt2 / kHalfPi * lambda * std::cos(theta), std::numbers::sqrt2 * std::sin(theta)};
}
Angles mollweide_inverse(double x, double y) {
  double const theta = clamped_asin(y / std::numbers::sqrt2);
  return {x / (std::numbers::sqrt2 / kHalfPi * std::cos(theta)), clamped_asin((2 * theta + std::sin(2 * theta)) / kPi)};
}

// --- Conic
// ------------------------------------------------------------------------------------------------------------

// The longitude of a point at (x, y) from the cone's tip.
double conic_longitude(double x, double y, double n) {
  double lambda = std::atan2(x, std::fabs(y)) * sign(y);
  if (y * n < 0) lambda -= kPi * sign(x) * sign(y);
  return lambda / n;
}

RawMap conic_equal_area(double phi0, double phi1) {
  double const s0 = std::sin(phi0), n = (s0 + std::sin(phi1)) / 2;
  if (std::fabs(n) < kEpsilon) {  // Parallels symmetrical about the equator: a cylinder.
    double const c0 = std::cos(phi0);
    return {[c0](double lambda, double phi) {
              return PlanePoint{lambda * c0, std::sin(phi) / c0};
            },
            [c0](double x, double y) {
              return Angles{x / c0, clamped_asin(y * c0)};
            }};
  }
  double const c = 1 + s0 * (2 * n - s0), r0 = std::sqrt(c) / n;
  return {[=](double lambda, double phi) {
            double const r = std::sqrt(c - 2 * n * std::sin(phi)) / n, x = lambda * n;
            return PlanePoint{r * std::sin(x), r0 - r * std::cos(x)};
          },
          [=](double x, double y) {
            double const from_tip = r0 - y;
            return Angles{conic_longitude(x, from_tip, n),
                          clamped_asin((c - (x * x + from_tip * from_tip) * n * n) / (2 * n))};
          }};
}
RawMap conic_conformal(double phi0, double phi1) {
  double const c0 = std::cos(phi0);
  double const n =
      phi0 == phi1 ? std::sin(phi0) : std::log(c0 / std::cos(phi1)) / std::log(tan_half(phi1) / tan_half(phi0));
  double const f = c0 * std::pow(tan_half(phi0), n) / n;
  if (n == 0 || std::isnan(n)) return {mercator, mercator_inverse};
  return {[=](double lambda, double phi) {
            if (f > 0)
              phi = std::fmax(phi, -kHalfPi + kEpsilon);
            else
              phi = std::fmin(phi, kHalfPi - kEpsilon);
            double const r = f / std::pow(tan_half(phi), n);
            return PlanePoint{r * std::sin(n * lambda), f - r * std::cos(n * lambda)};
          },
          [=](double x, double y) {
            double const from_tip = f - y, r = sign(n) * std::sqrt(x * x + from_tip * from_tip);
            return Angles{conic_longitude(x, from_tip, n), 2 * std::atan(std::pow(f / r, 1 / n)) - kHalfPi};
          }};
}
RawMap conic_equidistant(double phi0, double phi1) {
  double const c0 = std::cos(phi0), n = phi0 == phi1 ? std::sin(phi0) : (c0 - std::cos(phi1)) / (phi1 - phi0),
               g = c0 / n + phi0;
  if (std::fabs(n) < kEpsilon) return {equirectangular, equirectangular_inverse};
  return {[=](double lambda, double phi) {
            double const r = g - phi, x = n * lambda;
            return PlanePoint{r * std::sin(x), g - r * std::cos(x)};
          },
          [=](double x, double y) {
            double const from_tip = g - y;
            return Angles{conic_longitude(x, from_tip, n), g - sign(n) * std::sqrt(x * x + from_tip * from_tip)};
          }};
}
template <PlanePoint (*Project)(double, double), Angles (*Invert)(double, double)>
RawMap plain(double, double) {
  return {Project, Invert};
}

constexpr double kWide = 180 - 1e-3;
constexpr ProjectionType kTypes[] = {
    {"albers", Family::Conic, 1070, 0, {-0.6, 38.7}, {29.5, 45.5}, conic_equal_area},
    {"albersusa", Family::AlbersUsa, 1070, 0, {0, 0}, {0, 0}, conic_equal_area},
    {"azimuthalequalarea",
     Family::Plain,
     124.75,
     kWide,
     {0, 0},
     {0, 0},
     plain<azimuthal_equal_area, azimuthal_inverse<equal_area_angle>>},
    {"azimuthalequidistant",
     Family::Plain,
     79.4188,
     kWide,
     {0, 0},
     {0, 0},
     plain<azimuthal_equidistant, azimuthal_inverse<equidistant_angle>>},
    {"conicconformal", Family::Conic, 109.5, 0, {0, 0}, {30, 30}, conic_conformal},
    {"conicequalarea", Family::Conic, 155.424, 0, {0, 33.6442}, {0, 60}, conic_equal_area},
    {"conicequidistant", Family::Conic, 131.154, 0, {0, 13.9389}, {0, 60}, conic_equidistant},
    {"equalearth", Family::Plain, 177.158, 0, {0, 0}, {0, 0}, plain<equal_earth, equal_earth_inverse>},
    {"equirectangular", Family::Plain, 152.63, 0, {0, 0}, {0, 0}, plain<equirectangular, equirectangular_inverse>},
    {"gnomonic", Family::Plain, 144.049, 60, {0, 0}, {0, 0}, plain<gnomonic, azimuthal_inverse<gnomonic_angle>>},
    {"identity", Family::Identity, 1, 0, {0, 0}, {0, 0}, plain<equirectangular, equirectangular_inverse>},
    {"mercator", Family::Mercator, 961 / kTau, 0, {0, 0}, {0, 0}, plain<mercator, mercator_inverse>},
    {"mollweide", Family::Plain, 169.529, 0, {0, 0}, {0, 0}, plain<mollweide, mollweide_inverse>},
    {"naturalearth1", Family::Plain, 175.295, 0, {0, 0}, {0, 0}, plain<natural_earth, natural_earth_inverse>},
    {"orthographic",
     Family::Plain,
     249.5,
     90 + 1e-6,
     {0, 0},
     {0, 0},
     plain<orthographic, azimuthal_inverse<clamped_asin>>},
    {"stereographic",
     Family::Plain,
     250,
     142,
     {0, 0},
     {0, 0},
     plain<stereographic, azimuthal_inverse<stereographic_angle>>},
    {"transversemercator",
     Family::TransverseMercator,
     159.155,
     0,
     {0, 0},
     {0, 0},
     plain<transverse_mercator, transverse_mercator_inverse>},
};

}  // namespace

ProjectionType const* find_projection_type(std::string_view name) {
  std::string wanted(name);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  auto const found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](ProjectionType const& type) { return type.name == wanted; });
  return found == std::end(kTypes) ? nullptr : found;
}
std::string_view projection_names() {
  return "albers, albersUsa, azimuthalEqualArea, azimuthalEquidistant, conicConformal, conicEqualArea, "
         "conicEquidistant, equalEarth, "
         "equirectangular, gnomonic, identity, mercator, mollweide, naturalEarth1, orthographic, stereographic, "
         "transverseMercator";
}

}  // namespace cml::vega::geo
