#include "vega/expr/distribution.hpp"

#include <cmath>
#include <initializer_list>
#include <limits>

#include "vega/expr/scope.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr double kSqrt2 = 1.4142135623730951, kSqrt2Pi = 2.5066282746310002;

double horner(double x, std::initializer_list<double> coefficients) {
  double sum = 0;
  for (double c : coefficients) sum = c + sum * x;
  return sum;
}

double inverse_error_function(double x) {
  double w = -std::log((1 - x) * (1 + x));  // Not 1 - x * x, which loses digits near the ends.
  double p;
  if (w < 6.25) {
    p = horner(
        w - 3.125,
        {-3.6444120640178196996e-21, -1.685059138182016589e-19,  1.2858480715256400167e-18,  1.115787767802518096e-17,
         -1.333171662854620906e-16,  2.0972767875968561637e-17,  6.6376381343583238325e-15,  -4.0545662729752068639e-14,
         -8.1519341976054721522e-14, 2.6335093153082322977e-12,  -1.2975133253453532498e-11, -5.4154120542946279317e-11,
         1.051212273321532285e-09,   -4.1126339803469836976e-09, -2.9070369957882005086e-08, 4.2347877827932403518e-07,
         -1.3654692000834678645e-06, -1.3882523362786468719e-05, 0.0001867342080340571352,   -0.00074070253416626697512,
         -0.0060336708714301490533,  0.24015818242558961693,     1.6536545626831027356});
  } else if (w < 16) {
    p = horner(
        std::sqrt(w) - 3.25,
        {2.2137376921775787049e-09, 9.0756561938885390979e-08, -2.7517406297064545428e-07, 1.8239629214389227755e-08,
         1.5027403968909827627e-06, -4.013867526981545969e-06, 2.9234449089955446044e-06, 1.2475304481671778723e-05,
         -4.7318229009055733981e-05, 6.8284851459573175448e-05, 2.4031110387097893999e-05, -0.0003550375203628474796,
         0.00095328937973738049703, -0.0016882755560235047313, 0.0024914420961078508066, -0.0037512085075692412107,
         0.005370914553590063617, 1.0052589676941592334, 3.0838856104922207635});
  } else if (std::isfinite(w)) {
    p = horner(std::sqrt(w) - 5, {-2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-09,
                                  -3.7894654401267369937e-09, 7.6157012080783393804e-09, -1.4960026627149240478e-08,
                                  2.9147953450901080826e-08, -6.7711997758452339498e-08, 2.2900482228026654717e-07,
                                  -9.9298272942317002539e-07, 4.5260625972231537039e-06, -1.9681778105531670567e-05,
                                  7.5995277030017761139e-05, -0.00021503011930044477347, -0.00013871931833623122026,
                                  1.0103004648645343977, 4.8499064014085844221});
  } else {
    p = std::numeric_limits<double>::infinity();
  }
  return p * x;
}

}  // namespace

double sample_normal(Scope& scope, double mean, double deviation) {
  double& spare = scope.run_state().spare_normal;
  double x = spare, y = 0, square = 0;
  if (!std::isnan(x)) {
    spare = kNaN;
  } else {
    do {
      x = scope.random() * 2 - 1;
      y = scope.random() * 2 - 1;
      square = x * x + y * y;
    } while (square == 0 || square > 1);
    double const c = std::sqrt(-2 * std::log(square) / square);
    x *= c;
    spare = y * c;
  }
  return mean + x * deviation;
}
double density_normal(double x, double mean, double deviation) {
  double const z = (x - mean) / deviation;
  return std::exp(-0.5 * z * z) / (deviation * kSqrt2Pi);
}
double cumulative_normal(double x, double mean, double deviation) {
  double const z = (x - mean) / deviation, Z = std::fabs(z);
  double tail = 0;
  if (!(Z > 37)) {
    double const e = std::exp(-Z * Z / 2);
    if (Z < 7.07106781186547) {
      tail = e *
             horner(Z, {3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
                        221.213596169931, 220.206867912376}) /
             horner(Z, {8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
                        637.333633378831, 793.826512519948, 440.413735824752});
    } else {
      double const sum = Z + 1 / (Z + 2 / (Z + 3 / (Z + 4 / (Z + 0.65))));
      tail = e / sum / 2.506628274631;
    }
  }
  return z > 0 ? 1 - tail : tail;
}
double quantile_normal(double p, double mean, double deviation) {
  if (p < 0 || p > 1) return kNaN;
  return mean + deviation * kSqrt2 * inverse_error_function(2 * p - 1);
}

double density_log_normal(double x, double mean, double deviation) {
  if (x <= 0) return 0;
  double const z = (std::log(x) - mean) / deviation;
  return std::exp(-0.5 * z * z) / (deviation * kSqrt2Pi * x);
}
double cumulative_log_normal(double x, double mean, double deviation) {
  return cumulative_normal(std::log(x), mean, deviation);
}
double quantile_log_normal(double p, double mean, double deviation) {
  return std::exp(quantile_normal(p, mean, deviation));
}

double density_uniform(double x, double low, double high) { return x >= low && x <= high ? 1 / (high - low) : 0; }
double cumulative_uniform(double x, double low, double high) {
  return x < low ? 0 : x > high ? 1 : (x - low) / (high - low);
}
double quantile_uniform(double p, double low, double high) { return p >= 0 && p <= 1 ? low + p * (high - low) : kNaN; }

}  // namespace cml::vega
