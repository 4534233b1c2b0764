// The unit sphere: points as longitude and latitude in radians, and as vectors.
#pragma once

#include <algorithm>
#include <cmath>

#include "vega/value/numbers.hpp"

namespace cml::vega::geo {

inline constexpr double kHalfPi = kPi / 2, kQuarterPi = kPi / 4;
inline constexpr double kRadians = kPi / 180, kDegrees = 180 / kPi;
inline constexpr double kEpsilon = 1e-6, kEpsilon2 = 1e-12;  // d3-geo's tolerances.

struct Angles {
  double lambda = 0, phi = 0;
};
struct Vector {
  double x = 0, y = 0, z = 0;
};

inline double clamped_asin(double x) { return x > 1 ? kHalfPi : x < -1 ? -kHalfPi : std::asin(x); }
inline double clamped_acos(double x) { return x > 1 ? 0 : x < -1 ? kPi : std::acos(x); }
inline double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
inline Vector cartesian(Angles a) {
  return {std::cos(a.phi) * std::cos(a.lambda), std::cos(a.phi) * std::sin(a.lambda), std::sin(a.phi)};
}
inline Angles spherical(Vector v) { return {std::atan2(v.y, v.x), clamped_asin(v.z)}; }
inline double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vector cross(Vector a, Vector b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline Vector add(Vector a, Vector b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vector scaled(Vector v, double k) { return {v.x * k, v.y * k, v.z * k}; }
inline Vector normalized(Vector v) {
  double const length = std::sqrt(dot(v, v));
  return {v.x / length, v.y / length, v.z / length};
}

// A rotation of the sphere by longitude, latitude and roll, in radians.
class Rotation {
 public:
  Rotation(double lambda, double phi, double gamma)
      : lambda_(std::fmod(lambda, kTau)),
        turned_(phi != 0 || gamma != 0),
        cos_phi_(std::cos(phi)),
        sin_phi_(std::sin(phi)),
        cos_gamma_(std::cos(gamma)),
        sin_gamma_(std::sin(gamma)) {}
  Angles operator()(Angles a) const {
    a = turn(a, lambda_);
    if (!turned_) return a;
    auto const v = cartesian(a);
    double const k = v.z * cos_phi_ + v.x * sin_phi_;
    return {std::atan2(v.y * cos_gamma_ - k * sin_gamma_, v.x * cos_phi_ - v.z * sin_phi_),
            clamped_asin(k * cos_gamma_ + v.y * sin_gamma_)};
  }
  Angles inverse(Angles a) const {
    if (turned_) {
      auto const v = cartesian(a);
      double const k = v.z * cos_gamma_ - v.y * sin_gamma_;
      a = {std::atan2(v.y * cos_gamma_ + v.z * sin_gamma_, v.x * cos_phi_ + k * sin_phi_),
           clamped_asin(k * cos_phi_ - v.x * sin_phi_)};
    }
    return turn(a, -lambda_);
  }

 private:
  static Angles turn(Angles a, double by) {
    a.lambda += by;
    if (std::fabs(a.lambda) > kPi) a.lambda -= std::floor(a.lambda / kTau + 0.5) * kTau;
    return a;
  }
  double lambda_;
  bool turned_;
  double cos_phi_, sin_phi_, cos_gamma_, sin_gamma_;
};

}  // namespace cml::vega::geo
