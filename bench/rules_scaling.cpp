// SPDX-License-Identifier: Apache-2.0
// Cost of an event as the number of rules grows from 16 to 10,000, beside a loop that tries rule by rule. One JSON
// line. Each rule asks for an image's name, two words of a command line and the absence of a third; one event in a
// thousand fits some rule.
#include <chrono>

#include "decide/rules/detector.hpp"

namespace bongsu {
namespace {

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string RuleText(int n) {
  return fmt::format(
      "title: r{0}\nid: r{0}\nlogsource: {{category: process_creation, product: windows}}\ndetection:\n"
      "  s: {{Image|endswith: '\\tool{1}.exe', CommandLine|contains|all: [' --mode{0} ', 'target{2}']}}\n"
      "  f: {{User|contains: SYSTEM}}\n  condition: s and not f\n",
      n, n % 997, n % 61);
}

model::Event HostEvent(int n) {
  model::Event event;
  event.log_source = {"process_creation", "windows", "sysmon"};
  event.fields = {{"Image", fmt::format("C:\\Windows\\System32\\tool{}.exe", n % 1000)},
                  {"CommandLine", fmt::format("tool --verbose --mode{} --out C:\\Users\\ops\\report{}.txt target{}",
                                              n % 1000 == 0 ? n % 16 : 900'000 + n, n, n % 61)},
                  {"User", "CITY\\ops"},
                  {"ParentImage", "C:\\Windows\\explorer.exe"},
                  {"ProcessId", n}};
  return event;
}

struct None final : rules::LazyFields {
  bool IsLazy(rules::FieldId) const override { return false; }
  void Load(rules::FieldId, rules::EventView&) override {}
};

bool Decide(const rules::Expression& when, const rules::Rule& rule, const rules::FieldNames& names,
            rules::EventView& view, None& none) {
  using Kind = rules::Expression::Kind;
  if (when.kind == Kind::kLeaf) {
    const rules::Predicate& test = rule.predicates[when.leaf];
    return rules::Holds(test, names.Find(test.field), rules::kNoField, view, none);
  }
  if (when.kind == Kind::kNot) return !Decide(when.children[0], rule, names, view, none);
  for (const auto& child : when.children) {
    if (Decide(child, rule, names, view, none) != (when.kind == Kind::kAnd)) return when.kind != Kind::kAnd;
  }
  return when.kind == Kind::kAnd;
}

struct Cost {
  double indexed_us = 0;
  double loop_us = 0;
  bool same = true;  ///< Both found the same number of hits.
};

Cost Measure(int rules_count) {
  std::vector<rules::Rule> read;
  for (int n = 0; n < rules_count; ++n) {
    for (rules::Rule& rule : rules::ReadRuleFile(RuleText(n), "bench.yaml", {}).rules) read.push_back(std::move(rule));
  }
  const auto set = rules::RuleSet::Build(std::move(read)).set;
  const rules::NoContext context;
  rules::Detector detector{set, context};
  std::vector<model::Event> events;
  for (int n = 0; n < 2000; ++n) events.push_back(HostEvent(n));
  rules::EventView view;
  std::vector<rules::ProbeHit> hits;
  const auto fill = [&](const model::Event& event) {
    view.Reset(set->names().size());
    rules::AddFields(event.fields, set->names(), view);
  };
  const auto indexed = [&](int rounds) {
    const double start = Now();
    for (int round = 0; round < rounds; ++round) {
      for (const model::Event& event : events) {
        fill(event);
        hits.clear();
        detector.MatchView(view, event.log_source, false, hits);
      }
    }
    return (Now() - start) * 1e6 / (rounds * static_cast<double>(events.size()));
  };
  indexed(2);
  Cost cost;
  cost.indexed_us = indexed(20);
  None none;
  const std::size_t looped = std::max<std::size_t>(2000, 200'000 / static_cast<std::size_t>(rules_count));
  const double start = Now();
  std::size_t fits = 0;
  for (std::size_t i = 0; i < looped; ++i) {
    fill(events[i % events.size()]);
    for (const rules::RulePtr& rule : set->rules())
      fits += Decide(*rule->stages[0].when, *rule, set->names(), view, none) ? 1 : 0;
  }
  cost.loop_us = (Now() - start) * 1e6 / static_cast<double>(looped);
  std::size_t found = 0;
  for (std::size_t i = 0; i < looped; ++i) {
    fill(events[i % events.size()]);
    hits.clear();
    detector.MatchView(view, events[i % events.size()].log_source, false, hits);
    found += hits.size();
  }
  cost.same = found == fits;
  return cost;
}

}  // namespace
}  // namespace bongsu

int main() {
  using namespace bongsu;
  const double start = Now();
  json::Value steps{json::Array{}};
  double at_100 = 0;
  Cost last;
  for (const int count : {16, 100, 1000, 10'000}) {
    last = Measure(count);
    if (!last.same) {
      fmt::print(stderr, "index and loop disagree at {} rules\n", count);
      return 1;
    }
    if (count == 100) at_100 = last.indexed_us;
    steps.MutableArray().emplace_back(
        json::Object{{"rules", count}, {"us_per_event", last.indexed_us}, {"loop_us_per_event", last.loop_us}});
  }
  json::Writer w;
  w.Object().Key("bench").String("rules_scaling").Key("value").Double(last.indexed_us / at_100);
  w.Key("unit").String("cost per event at 10,000 rules / at 100").Key("budget").Double(2);
  w.Key("reference")
      .String("rule-by-rule loop, us per event at 10,000 rules")
      .Key("reference_value")
      .Double(last.loop_us);
  w.Key("ratio").Double(last.loop_us / last.indexed_us).Key("seconds").Double(Now() - start).Key("cores").Int(1);
  w.Key("steps").Put(steps).End();
  fmt::print("{}\n", w.text());
  return 0;
}
