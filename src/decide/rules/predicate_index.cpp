// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/predicate_index.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace bongsu::rules {
namespace {

using Op = Predicate::Op;
using Shape = TextPattern::Shape;
using Kind = Expression::Kind;

struct Test {
  const Predicate* predicate = nullptr;
  FieldId field = kNoField;
  FieldId other = kNoField;
  std::uint32_t uses = 0;  ///< Conditions that have it.
};

/// A literal of the scan and what must be true of where it ends.
struct Needle {
  Shape shape = Shape::kContains;
  std::uint32_t length = 0;
  std::uint32_t test = 0;
};

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Words = std::unordered_map<std::string, std::vector<std::uint32_t>, StringHash, std::equal_to<>>;

struct FieldIndex {
  Words folded;  ///< Whole value, lower case -> tests.
  Words cased;
  std::vector<Literal> literals;
  std::vector<Needle> needles;
  std::unique_ptr<LiteralSet> set;
  std::vector<std::uint32_t> direct;  ///< Tests that must be tried one by one.
  bool empty() const { return folded.empty() && cased.empty() && needles.empty() && direct.empty(); }
};

constexpr double kNever = 1e18;

/// How often a test is likely to hold: shorter and more used texts hold more often. Only the order matters.
double Commonness(const Test& test) {
  const Predicate& predicate = *test.predicate;
  // A field of the context is looked up when asked; as an anchor it would be for every event.
  const double popular = static_cast<double>(test.uses) + (predicate.field.starts_with('@') ? 1e6 : 0);
  switch (predicate.op) {
    case Op::kText: {
      const std::size_t length = predicate.pattern.Longest().size();
      if (predicate.pattern.shape() == Shape::kExact) return 2 + popular;
      if (length == 0) return 5000;
      const double rare = length < 3 ? 1000 : length < 5 ? 60 : length < 8 ? 12 : 4;
      return rare + popular;
    }
    case Op::kCidr:
      return 300 + popular;
    case Op::kRegex:
      return 400 + popular;
    case Op::kSame:
      return 600;
    case Op::kExists:
      return 3000;
    case Op::kMissing:
    case Op::kNull:
      return kNever;
    default:
      return 500 + popular;
  }
}

struct Anchors {
  std::vector<std::uint32_t> tests;
  double cost = kNever;  ///< kNever: there are none.
};

Anchors AnyOf(std::vector<Anchors> parts) {
  Anchors out{{}, 0};
  for (Anchors& part : parts) {
    out.cost += part.cost;
    out.tests.insert(out.tests.end(), part.tests.begin(), part.tests.end());
  }
  if (out.cost >= kNever || out.tests.empty()) return {};
  return out;
}

/// The cheapest set of tests of which one must hold when `when` holds.
Anchors AnchorsOf(const Expression& when, const std::vector<Test>& tests) {
  std::vector<Anchors> parts;
  switch (when.kind) {
    case Kind::kLeaf: {
      const double cost = Commonness(tests[when.leaf]);
      return cost >= kNever ? Anchors{} : Anchors{{when.leaf}, cost};
    }
    case Kind::kAnd: {
      Anchors best;
      for (const Expression& child : when.children) {
        Anchors one = AnchorsOf(child, tests);
        if (one.cost < best.cost) best = std::move(one);
      }
      return best;
    }
    case Kind::kOr:
    case Kind::kAtLeast:
      for (const Expression& child : when.children) parts.push_back(AnchorsOf(child, tests));
      return AnyOf(std::move(parts));
    default:
      return {};
  }
}

}  // namespace

struct PredicateIndex::State {
  std::vector<Probe> probes;
  std::vector<Test> tests;
  std::vector<std::vector<std::uint32_t>> probes_of;  ///< Anchor test -> probes.
  std::vector<FieldIndex> fields;
  std::vector<FieldId> used;  ///< Fields with an index, ascending.
  FieldIndex any;             ///< Keywords.
  std::vector<std::uint32_t> always;
  std::size_t bytes = 0;

  void AddAnchor(std::uint32_t test);
  bool Decide(const Expression& when, EventView& view, LazyFields& lazy, IndexScratch& scratch) const;
  bool Try(std::uint32_t test, EventView& view, LazyFields& lazy, IndexScratch& scratch) const;
  void Nominate(std::uint32_t test, IndexScratch& scratch) const;
  void ScanValue(const FieldIndex& index, std::uint32_t value, EventView& view, LazyFields& lazy,
                 IndexScratch& scratch) const;
};

PredicateIndex::PredicateIndex(std::unique_ptr<State> state) : state_{std::move(state)} {}
PredicateIndex::~PredicateIndex() = default;

void PredicateIndex::State::AddAnchor(std::uint32_t number) {
  const Test& test = tests[number];
  const Predicate& predicate = *test.predicate;
  if (!predicate.field.empty() && fields.size() <= test.field) fields.resize(test.field + 1);
  FieldIndex& index = predicate.field.empty() ? any : fields[test.field];
  const Shape shape = predicate.pattern.shape();
  const std::string_view longest = predicate.pattern.Longest();
  if (predicate.op != Op::kText || (shape != Shape::kExact && longest.empty())) {
    index.direct.push_back(number);
  } else if (shape == Shape::kExact) {
    (predicate.cased ? index.cased : index.folded)[std::string(longest)].push_back(number);
  } else {
    const bool anywhere = shape == Shape::kContains || shape == Shape::kGlob;
    index.literals.push_back({std::string(longest), predicate.cased, anywhere});
    index.needles.push_back({anywhere ? Shape::kContains : shape, static_cast<std::uint32_t>(longest.size()), number});
  }
}

Result<std::unique_ptr<PredicateIndex>> PredicateIndex::Build(
    std::vector<Probe> probes, const std::vector<const std::vector<Predicate>*>& predicates_of, FieldNames& names) {
  auto state = std::make_unique<State>();
  std::unordered_map<std::string, std::uint32_t> same;
  const auto number = [&](const Predicate& predicate) {
    const auto [at, fresh] = same.emplace(predicate.Key(), static_cast<std::uint32_t>(state->tests.size()));
    if (fresh) {
      const FieldId field = predicate.field.empty() ? kNoField : names.Intern(predicate.field);
      const FieldId other = predicate.other.empty() ? kNoField : names.Intern(predicate.other);
      state->tests.push_back({&predicate, field, other, 0});
    }
    return at->second;
  };
  for (Probe& probe : probes) {
    const auto& predicates = *predicates_of[probe.rule];
    const auto renumber = [&](auto&& self, Expression& node) -> void {
      if (node.kind == Kind::kLeaf) {
        node.leaf = number(predicates[node.leaf]);
        ++state->tests[node.leaf].uses;
      }
      for (Expression& child : node.children) self(self, child);
    };
    renumber(renumber, probe.when);
  }
  state->probes = std::move(probes);
  state->probes_of.resize(state->tests.size());
  for (std::uint32_t i = 0; i < state->probes.size(); ++i) {
    Anchors anchors = AnchorsOf(state->probes[i].when, state->tests);
    if (anchors.tests.empty()) state->always.push_back(i);
    for (const std::uint32_t test : anchors.tests) {
      if (state->probes_of[test].empty()) state->AddAnchor(test);
      if (state->probes_of[test].empty() || state->probes_of[test].back() != i) state->probes_of[test].push_back(i);
    }
  }
  const auto finish = [&](FieldIndex& index) -> Result<void> {
    if (index.literals.empty()) return {};
    BONGSU_TRY(index.set, LiteralSet::Make(index.literals));
    index.literals = {};
    state->bytes += index.set->bytes();
    return {};
  };
  for (FieldId field = 0; field < state->fields.size(); ++field) {
    if (state->fields[field].empty()) continue;
    state->used.push_back(field);
    BONGSU_CHECK(finish(state->fields[field]));
  }
  BONGSU_CHECK(finish(state->any));
  state->bytes += state->tests.size() * 128 + state->probes.size() * 256;
  return std::unique_ptr<PredicateIndex>(new PredicateIndex(std::move(state)));
}

Result<void> PredicateIndex::Prepare(IndexScratch& scratch) const {
  for (const FieldIndex& index : state_->fields) {
    if (index.set) BONGSU_CHECK(index.set->Prepare(scratch.literals));
  }
  if (state_->any.set) BONGSU_CHECK(state_->any.set->Prepare(scratch.literals));
  scratch.known.resize(std::max(scratch.known.size(), state_->tests.size()));
  scratch.seen.resize(std::max(scratch.seen.size(), state_->probes.size()));
  return {};
}

bool PredicateIndex::State::Try(std::uint32_t number, EventView& view, LazyFields& lazy, IndexScratch& scratch) const {
  std::uint32_t& known = scratch.known[number];
  if (known >> 1U == scratch.epoch) return (known & 1U) != 0;
  const Test& test = tests[number];
  const bool holds = Holds(*test.predicate, test.field, test.other, view, lazy);
  known = scratch.epoch << 1U | (holds ? 1U : 0U);
  return holds;
}

bool PredicateIndex::State::Decide(const Expression& when, EventView& view, LazyFields& lazy,
                                   IndexScratch& scratch) const {
  const auto holds = [&](const Expression& child) { return Decide(child, view, lazy, scratch); };
  switch (when.kind) {
    case Kind::kLeaf:
      return Try(when.leaf, view, lazy, scratch);
    case Kind::kAnd:
      return std::ranges::all_of(when.children, holds);
    case Kind::kOr:
      return std::ranges::any_of(when.children, holds);
    case Kind::kNot:
      return !holds(when.children.front());
    case Kind::kAtLeast:
      return std::ranges::count_if(when.children, holds) >= static_cast<std::ptrdiff_t>(when.least);
    case Kind::kTrue:
      return true;
    case Kind::kFalse:
      return false;
  }
  return false;
}

void PredicateIndex::State::Nominate(std::uint32_t test, IndexScratch& scratch) const {
  for (const std::uint32_t probe : probes_of[test]) {
    if (scratch.seen[probe] == scratch.epoch) continue;
    scratch.seen[probe] = scratch.epoch;
    scratch.candidates.push_back(probe);
  }
}

void PredicateIndex::State::ScanValue(const FieldIndex& index, std::uint32_t value, EventView& view, LazyFields& lazy,
                                      IndexScratch& scratch) const {
  const auto words = [&](const Words& map, std::string_view text) {
    if (map.empty()) return;
    const auto found = map.find(text);
    if (found == map.end()) return;
    for (const std::uint32_t test : found->second) Nominate(test, scratch);
  };
  if (view.At(value).type != FieldValue::Type::kNull) {
    if (!index.folded.empty()) words(index.folded, view.Folded(value));
    words(index.cased, view.At(value).text);
    if (index.set) {
      struct Scan {
        const State* state;
        const FieldIndex* index;
        std::size_t length;
        IndexScratch* scratch;
      } scan{this, &index, view.At(value).text.size(), &scratch};
      index.set->Scan(
          view.At(value).text, scratch.literals,
          [](void* context, std::uint32_t which, std::size_t end) {
            const Scan& at = *static_cast<const Scan*>(context);
            const Needle& needle = at.index->needles[which];
            if (needle.shape == Shape::kPrefix && end != needle.length) return;
            if (needle.shape == Shape::kSuffix && end != at.length) return;
            at.state->Nominate(needle.test, *at.scratch);
          },
          &scan);
    }
  }
  for (const std::uint32_t test : index.direct) {
    if (Try(test, view, lazy, scratch)) Nominate(test, scratch);
  }
}

void PredicateIndex::Match(EventView& view, LazyFields& lazy, IndexScratch& scratch, std::vector<ProbeHit>& out) const {
  const State& state = *state_;
  if (++scratch.epoch >= 0x7FFFFFFFU) {
    std::ranges::fill(scratch.known, 0U);
    std::ranges::fill(scratch.seen, 0U);
    scratch.epoch = 1;
  }
  scratch.candidates.assign(state.always.begin(), state.always.end());
  for (const FieldId field : state.used) {
    std::uint32_t at = view.First(field);
    if (at == 0 && lazy.IsLazy(field)) {
      lazy.Load(field, view);
      at = view.First(field);
    }
    for (; at != 0; at = view.At(at - 1).next) state.ScanValue(state.fields[field], at - 1, view, lazy, scratch);
  }
  if (!state.any.empty()) {
    for (std::uint32_t value = 0; value < view.size(); ++value) state.ScanValue(state.any, value, view, lazy, scratch);
  }
  scratch.evaluated += scratch.candidates.size();
  std::ranges::sort(scratch.candidates);
  for (const std::uint32_t number : scratch.candidates) {
    const Probe& probe = state.probes[number];
    if (state.Decide(probe.when, view, lazy, scratch)) out.push_back({probe.rule, probe.stage});
  }
}

std::size_t PredicateIndex::probes() const { return state_->probes.size(); }
std::size_t PredicateIndex::always() const { return state_->always.size(); }
std::size_t PredicateIndex::bytes() const { return state_->bytes; }

}  // namespace bongsu::rules
