// The lines of a training script's log, by a grammar that holds for the loggers there are:
//
//   2026-01-01 10:00:00,123 - trainer - INFO - Epoch 0: loss=0.5 acc=0.9 lr: 1e-4    epoch 0, loss 0.5, acc 0.9, lr
//   1e-4 [12]<TAB>train-rmse:0.9<TAB>valid-rmse:1.1                                       iteration 12, two scores
//   {'loss': 0.5, 'epoch': 0.1}                                                       a printed dict
//   1875/1875 [====] 3s 2ms/step - accuracy: 0.87 - val_loss: 0.4                     Keras
//   Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.371   AP
//   Test time: 00:01:02                                                               Test time (seconds) 62
//
// A name is what stands before ":" or "=" back to the last value or separator; a value is a number with a unit, a share
// or a clock. What says more than that is text and no metric.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/value.hpp"

namespace cml::metrics {

// A line with more pairs is not a line of a log.
constexpr std::size_t kMostPairs = 10'000;

// The pairs of a line, in order and at most kMostPairs; none of a line of text. `epoch` is what a line such as "Epoch
// 3/10" alone has said, and stays for those after it.
std::vector<Metric> pairs_of_line(std::string_view line, std::optional<std::int64_t>& epoch);

// A table as YOLO and spaCy print it: a line of names, maybe a rule of dashes, then lines with as many values.
// `line` is where it begins, and after it where it ends; nothing when there is none.
std::optional<Records> printed_table(std::vector<std::string> const& lines, std::size_t& line);

}  // namespace cml::metrics
