// SPDX-License-Identifier: Apache-2.0
#include "model/payload.hpp"

#include <array>

namespace bongsu::model {
namespace {

constexpr std::size_t kKept = 8;
constexpr std::size_t kLargestKept = 256UL << 10U;

struct Read {
  std::string text;
  std::shared_ptr<const json::Value> value;
};

}  // namespace

std::shared_ptr<const json::Value> PayloadOf(const Record& record) {
  // A memo of a pure function: which entries it holds changes no answer.
  thread_local std::array<Read, kKept> kept;
  thread_local std::size_t oldest = 0;
  for (const Read& read : kept) {
    if (read.value != nullptr && read.text == record.payload) return read.value;
  }
  auto parsed = json::Parse(record.payload);
  if (!parsed) return nullptr;
  auto value = std::make_shared<const json::Value>(std::move(*parsed));
  if (record.payload.size() <= kLargestKept) {
    kept[oldest] = {record.payload, value};
    oldest = (oldest + 1) % kKept;
  }
  return value;
}

}  // namespace bongsu::model
