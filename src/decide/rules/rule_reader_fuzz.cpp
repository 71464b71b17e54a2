// SPDX-License-Identifier: Apache-2.0
// Any bytes as a rule file: it is read or refused, and what is read builds and matches an event.
#include "decide/rules/detector.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bongsu;
  if (size > 8192) return 0;
  auto read = rules::ReadRuleFile({reinterpret_cast<const char*>(data), size}, "fuzz.yaml", {});
  const auto built = rules::RuleSet::Build(std::move(read.rules));
  const rules::NoContext context;
  rules::Detector detector{built.set, context};
  model::Event event;
  event.log_source = {"c", "p", "s"};
  event.fields = {{"a", "text"}, {"b", 15}, {"c", json::Array{"x", "y"}}};
  std::vector<rules::Hit> hits;
  detector.Match(event, hits);
  return 0;
}
