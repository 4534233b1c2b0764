// Table: projections by name, with d3's default scales and clip angles.
#include "vega/geo/raw.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "vega/geo/sphere.hpp"

namespace cml::vega::geo {
namespace {

PlanePoint equirectangular(double lambda, double phi) { return {lambda, phi}; }
PlanePoint mercator(double lambda, double phi) { return {lambda, std::log(std::tan((kHalfPi + phi) / 2))}; }
PlanePoint transverse_mercator(double lambda, double phi) { return {std::log(std::tan((kHalfPi + phi) / 2)), -lambda}; }
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
PlanePoint equal_earth(double lambda, double phi) {
  constexpr double A1 = 1.340264, A2 = -0.081106, A3 = 0.000893, A4 = 0.003796;
  double const M = std::sqrt(3.0) / 2, l = clamped_asin(M * std::sin(phi)), l2 = l * l, l6 = l2 * l2 * l2;
  return {lambda * std::cos(l) / (M * (A1 + 3 * A2 * l2 + l6 * (7 * A3 + 9 * A4 * l2))), l * (A1 + A2 * l2 + l6 * (A3 + A4 * l2))};
}
PlanePoint natural_earth(double lambda, double phi) {
  double const p2 = phi * phi, p4 = p2 * p2;
  return {lambda * (0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4))),
          phi * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)))};
}
PlanePoint mollweide(double lambda, double phi) {
  double const target = kPi * std::sin(phi);
  double theta = phi;
  for (int i = 30; i > 0; --i) {
    double const delta = (theta + std::sin(theta) - target) / (1 + std::cos(theta));
    theta -= delta;
    if (!(std::fabs(delta) > kEpsilon)) break;
  }
  theta /= 2;
  return {std::numbers::sqrt2 / kHalfPi * lambda * std::cos(theta), std::numbers::sqrt2 * std::sin(theta)};
}

double tan_half(double phi) { return std::tan((kHalfPi + phi) / 2); }

RawProjection conic_equal_area(double phi0, double phi1) {
  double const s0 = std::sin(phi0), n = (s0 + std::sin(phi1)) / 2;
  if (std::fabs(n) < kEpsilon) {  // Parallels symmetrical about the equator: a cylinder.
    double const c0 = std::cos(phi0);
    return [c0](double lambda, double phi) { return PlanePoint{lambda * c0, std::sin(phi) / c0}; };
  }
  double const c = 1 + s0 * (2 * n - s0), r0 = std::sqrt(c) / n;
  return [=](double lambda, double phi) {
    double const r = std::sqrt(c - 2 * n * std::sin(phi)) / n, x = lambda * n;
    return PlanePoint{r * std::sin(x), r0 - r * std::cos(x)};
  };
}
RawProjection conic_conformal(double phi0, double phi1) {
  double const c0 = std::cos(phi0);
  double const n = phi0 == phi1 ? std::sin(phi0) : std::log(c0 / std::cos(phi1)) / std::log(tan_half(phi1) / tan_half(phi0));
  double const f = c0 * std::pow(tan_half(phi0), n) / n;
  if (n == 0 || std::isnan(n)) return mercator;
  return [=](double lambda, double phi) {
    if (f > 0) phi = std::fmax(phi, -kHalfPi + kEpsilon);
    else phi = std::fmin(phi, kHalfPi - kEpsilon);
    double const r = f / std::pow(tan_half(phi), n);
    return PlanePoint{r * std::sin(n * lambda), f - r * std::cos(n * lambda)};
  };
}
RawProjection conic_equidistant(double phi0, double phi1) {
  double const c0 = std::cos(phi0), n = phi0 == phi1 ? std::sin(phi0) : (c0 - std::cos(phi1)) / (phi1 - phi0), g = c0 / n + phi0;
  if (std::fabs(n) < kEpsilon) return equirectangular;
  return [=](double lambda, double phi) {
    double const r = g - phi, x = n * lambda;
    return PlanePoint{r * std::sin(x), g - r * std::cos(x)};
  };
}
template <PlanePoint (*F)(double, double)>
RawProjection plain(double, double) { return F; }

constexpr double kWide = 180 - 1e-3;
constexpr ProjectionType kTypes[] = {
    {"albers", Family::Conic, 1070, 0, {-0.6, 38.7}, {29.5, 45.5}, conic_equal_area},
    {"albersusa", Family::AlbersUsa, 1070, 0, {0, 0}, {0, 0}, conic_equal_area},
    {"azimuthalequalarea", Family::Plain, 124.75, kWide, {0, 0}, {0, 0}, plain<azimuthal_equal_area>},
    {"azimuthalequidistant", Family::Plain, 79.4188, kWide, {0, 0}, {0, 0}, plain<azimuthal_equidistant>},
    {"conicconformal", Family::Conic, 109.5, 0, {0, 0}, {30, 30}, conic_conformal},
    {"conicequalarea", Family::Conic, 155.424, 0, {0, 33.6442}, {0, 60}, conic_equal_area},
    {"conicequidistant", Family::Conic, 131.154, 0, {0, 13.9389}, {0, 60}, conic_equidistant},
    {"equalearth", Family::Plain, 177.158, 0, {0, 0}, {0, 0}, plain<equal_earth>},
    {"equirectangular", Family::Plain, 152.63, 0, {0, 0}, {0, 0}, plain<equirectangular>},
    {"gnomonic", Family::Plain, 144.049, 60, {0, 0}, {0, 0}, plain<gnomonic>},
    {"identity", Family::Identity, 1, 0, {0, 0}, {0, 0}, plain<equirectangular>},
    {"mercator", Family::Mercator, 961 / kTau, 0, {0, 0}, {0, 0}, plain<mercator>},
    {"mollweide", Family::Plain, 169.529, 0, {0, 0}, {0, 0}, plain<mollweide>},
    {"naturalearth1", Family::Plain, 175.295, 0, {0, 0}, {0, 0}, plain<natural_earth>},
    {"orthographic", Family::Plain, 249.5, 90 + 1e-6, {0, 0}, {0, 0}, plain<orthographic>},
    {"stereographic", Family::Plain, 250, 142, {0, 0}, {0, 0}, plain<stereographic>},
    {"transversemercator", Family::TransverseMercator, 159.155, 0, {0, 0}, {0, 0}, plain<transverse_mercator>},
};

}  // namespace

ProjectionType const* find_projection_type(std::string_view name) {
  std::string wanted(name);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  auto const found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](ProjectionType const& type) { return type.name == wanted; });
  return found == std::end(kTypes) ? nullptr : found;
}
std::string_view projection_names() {
  return "albers, albersUsa, azimuthalEqualArea, azimuthalEquidistant, conicConformal, conicEqualArea, conicEquidistant, equalEarth, "
         "equirectangular, gnomonic, identity, mercator, mollweide, naturalEarth1, orthographic, stereographic, transverseMercator";
}

}  // namespace cml::vega::geo
