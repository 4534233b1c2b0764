// Probability distributions, as vega-statistics computes them; shared by expressions and the density transform.
#pragma once

namespace cml::vega {

class Scope;

double sample_normal(Scope& scope, double mean, double deviation);  // Polar Box-Muller, numbers made in pairs.
double density_normal(double x, double mean, double deviation);
double cumulative_normal(double x, double mean, double deviation);  // After G. West (2009).
double quantile_normal(double p, double mean, double deviation);    // Inverse error function after M. Giles (2010).

double density_log_normal(double x, double mean, double deviation);
double cumulative_log_normal(double x, double mean, double deviation);
double quantile_log_normal(double p, double mean, double deviation);

double density_uniform(double x, double low, double high);
double cumulative_uniform(double x, double low, double high);
double quantile_uniform(double p, double low, double high);

}  // namespace cml::vega
