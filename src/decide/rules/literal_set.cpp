// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/literal_set.hpp"

#include <hs/hs.h>

#include <vector>

namespace bongsu::rules {
namespace {

hs_scratch_t* ScratchOf(void* scratch) { return static_cast<hs_scratch_t*>(scratch); }
hs_database_t* DatabaseOf(void* database) { return static_cast<hs_database_t*>(database); }

struct Caller {
  LiteralSet::Found found;
  void* context;
};

int OnMatch(unsigned int id, unsigned long long, unsigned long long to, unsigned int, void* context) {
  const auto* caller = static_cast<const Caller*>(context);
  caller->found(caller->context, id, static_cast<std::size_t>(to));
  return 0;
}

}  // namespace

LiteralScratch::LiteralScratch() = default;
LiteralScratch::LiteralScratch(LiteralScratch&& other) noexcept : scratch_{std::exchange(other.scratch_, nullptr)} {}
LiteralScratch::~LiteralScratch() {
  if (scratch_ != nullptr) hs_free_scratch(ScratchOf(scratch_));
}

Result<std::unique_ptr<LiteralSet>> LiteralSet::Make(std::span<const Literal> literals) {
  std::vector<const char*> texts;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  std::vector<std::size_t> lengths;
  for (const Literal& literal : literals) {
    ids.push_back(static_cast<unsigned>(texts.size()));
    texts.push_back(literal.text.data());
    lengths.push_back(literal.text.size());
    flags.push_back((literal.cased ? 0U : HS_FLAG_CASELESS) | (literal.once ? HS_FLAG_SINGLEMATCH : 0U));
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const hs_error_t code =
      hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(), static_cast<unsigned>(texts.size()),
                           HS_MODE_BLOCK, nullptr, &database, &error);
  if (code != HS_SUCCESS) {
    const std::string why = error != nullptr ? error->message : "unknown";
    hs_free_compile_error(error);
    return Fail(Code::kInternal, "rules.literal_set", "{} literals cannot be compiled: {}", literals.size(), why);
  }
  return std::unique_ptr<LiteralSet>(new LiteralSet(database));
}

LiteralSet::~LiteralSet() { hs_free_database(DatabaseOf(database_)); }

Result<void> LiteralSet::Prepare(LiteralScratch& scratch) const {
  hs_scratch_t* grown = ScratchOf(scratch.scratch_);
  const hs_error_t code = hs_alloc_scratch(DatabaseOf(database_), &grown);
  scratch.scratch_ = grown;
  if (code != HS_SUCCESS) return Fail(Code::kInternal, "rules.literal_set", "no scratch memory: error {}", code);
  return {};
}

void LiteralSet::Scan(std::string_view text, LiteralScratch& scratch, Found found, void* context) const {
  Caller caller{found, context};
  hs_scan(DatabaseOf(database_), text.data(), static_cast<unsigned>(text.size()), 0, ScratchOf(scratch.scratch_),
          OnMatch, &caller);
}

std::size_t LiteralSet::bytes() const {
  std::size_t size = 0;
  hs_database_size(DatabaseOf(database_), &size);
  return size;
}

}  // namespace bongsu::rules
