// SPDX-License-Identifier: Apache-2.0
#include "know/history/integers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <numeric>

#include "know/history/bits.hpp"

namespace bongsu::history {
namespace {

constexpr std::size_t kBlock = 32;
constexpr std::uint8_t kOrderBits = 3;  ///< Of the first byte: how often differences were taken.
constexpr std::uint8_t kSigned = 4;     ///< Zigzag numbers; else counted from their smallest.
constexpr std::uint8_t kEqual = 8;      ///< All are the base: no blocks follow.

struct Form {
  unsigned order = 0;
  bool with_sign = false;
};
constexpr std::array kForms{Form{0, false}, Form{1, false}, Form{1, true}, Form{2, true}};

/// A column in one form: the first numbers, then the rest divided by their common unit.
struct Column {
  Form form;
  std::uint64_t base = 0;  ///< Smallest of the rest, when without sign.
  std::uint64_t unit = 1;
  std::vector<std::uint64_t> rest;
  std::size_t size = 0;  ///< Bytes of the blocks.
};

std::uint64_t Magnitude(std::int64_t number) {
  return number < 0 ? ~static_cast<std::uint64_t>(number) + 1 : static_cast<std::uint64_t>(number);
}

unsigned WidthOf(std::span<const std::uint64_t> block) {
  std::uint64_t all = 0;
  for (const auto number : block) all |= number;
  return static_cast<unsigned>(std::bit_width(all));
}

/// Differences taken `order` times, wrapping around.
std::vector<std::uint64_t> Differences(std::span<const std::int64_t> numbers, unsigned order) {
  std::vector<std::uint64_t> rest(numbers.begin(), numbers.end());
  for (unsigned taken = 0; taken < order; ++taken) {
    for (std::size_t i = rest.size() - 1; i > taken; --i) rest[i] -= rest[i - 1];
  }
  rest.erase(rest.begin(), rest.begin() + order);
  return rest;
}

Column InForm(std::span<const std::int64_t> numbers, Form form) {
  Column column{form, 0, 1, Differences(numbers, form.order), 0};
  auto& rest = column.rest;
  const auto less = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b);
  };
  if (!form.with_sign && !rest.empty()) {
    column.base = *std::ranges::min_element(rest, less);
    for (auto& number : rest) number -= column.base;
  }
  std::uint64_t unit = 0;
  for (const auto number : rest) {
    unit = std::gcd(unit, form.with_sign ? Magnitude(static_cast<std::int64_t>(number)) : number);
    if (unit == 1) break;
  }
  column.unit = std::max<std::uint64_t>(unit, 1);
  for (auto& number : rest) {
    if (form.with_sign) {
      const auto signed_number = static_cast<std::int64_t>(number);
      const std::uint64_t steps = column.unit == 1 ? Magnitude(signed_number) : Magnitude(signed_number) / column.unit;
      number = ZigZag(static_cast<std::int64_t>(signed_number < 0 ? ~steps + 1 : steps));
    } else if (column.unit != 1) {
      number /= column.unit;
    }
  }
  for (std::size_t at = 0; at < rest.size(); at += kBlock) {
    const std::span block{rest.data() + at, std::min(kBlock, rest.size() - at)};
    column.size += 1 + (WidthOf(block) * block.size() + 7) / 8;
  }
  return column;
}

void PutBlocks(std::string& out, const std::vector<std::uint64_t>& rest) {
  for (std::size_t at = 0; at < rest.size(); at += kBlock) {
    const std::span block{rest.data() + at, std::min(kBlock, rest.size() - at)};
    const unsigned width = WidthOf(block);
    out += static_cast<char>(width);
    BitWriter bits{out};
    for (const auto number : block) bits.Put(number, width);
    bits.Finish();
  }
}

}  // namespace

void PutIntegers(std::string& out, std::span<const std::int64_t> numbers) {
  if (numbers.empty()) return;
  if (std::ranges::all_of(numbers, [&](std::int64_t n) { return n == numbers.front(); })) {
    out += static_cast<char>(kEqual);  // most columns of most chunks
    return PutVarint(out, ZigZag(numbers.front()));
  }
  Column best;
  best.size = std::numeric_limits<std::size_t>::max();
  for (const Form form : kForms) {
    if (form.order >= numbers.size()) continue;
    Column column = InForm(numbers, form);
    if (column.size < best.size) best = std::move(column);
  }
  const bool equal = std::ranges::all_of(best.rest, [](std::uint64_t n) { return n == 0; });
  out += static_cast<char>(best.form.order | (best.form.with_sign ? kSigned : 0U) | (equal ? kEqual : 0U));
  const std::array first{numbers[0], best.form.order > 1
                                         ? static_cast<std::int64_t>(static_cast<std::uint64_t>(numbers[1]) -
                                                                     static_cast<std::uint64_t>(numbers[0]))
                                         : 0};
  for (unsigned i = 0; i < best.form.order; ++i) PutVarint(out, ZigZag(first.at(i)));
  if (!best.form.with_sign) PutVarint(out, ZigZag(static_cast<std::int64_t>(best.base)));
  if (equal) return;
  PutVarint(out, best.unit);
  PutBlocks(out, best.rest);
}

std::vector<std::int64_t> GetIntegers(Reader& in, std::size_t count) {
  std::vector<std::int64_t> numbers;
  if (count == 0) return numbers;
  const std::uint8_t head = in.Byte();
  const unsigned order = head & kOrderBits;
  if (!in.ok() || order > 2 || order >= count || head > 15) {
    in.Fail();
    return numbers;
  }
  std::array<std::uint64_t, 2> sums{};  // what the next difference is added to
  for (unsigned i = 0; i < order; ++i) sums.at(i) = static_cast<std::uint64_t>(in.Signed());
  const bool with_sign = (head & kSigned) != 0;
  const auto base = with_sign ? 0 : static_cast<std::uint64_t>(in.Signed());
  const bool equal = (head & kEqual) != 0;
  const std::uint64_t unit = equal ? 1 : in.Varint();
  numbers.reserve(in.ok() ? count : 0);
  if (order > 0) numbers.push_back(static_cast<std::int64_t>(sums[0]));
  if (order > 1 && count > 1) numbers.push_back(static_cast<std::int64_t>(sums[0] + sums[1]));
  if (order > 1) sums[0] += sums[1];
  const auto add = [&](std::uint64_t number) {
    const std::uint64_t difference =
        with_sign ? static_cast<std::uint64_t>(UnZigZag(number)) * unit : number * unit + base;
    if (order == 0) return numbers.push_back(static_cast<std::int64_t>(difference));
    if (order == 1) {
      sums[0] += difference;
    } else {
      sums[1] += difference;
      sums[0] += sums[1];
    }
    numbers.push_back(static_cast<std::int64_t>(sums[0]));
  };
  while (in.ok() && numbers.size() < count) {
    const std::size_t size = std::min(kBlock, count - numbers.size());
    const unsigned width = equal ? 0 : in.Byte();
    if (width > 64) in.Fail();
    BitReader bits{in.Take((width * size + 7) / 8)};
    for (std::size_t i = 0; in.ok() && i < size; ++i) add(bits.Get(width));
  }
  if (!in.ok()) numbers.clear();
  return numbers;
}

std::optional<std::int64_t> SkipIntegers(Reader& in, std::size_t count) {
  if (count == 0) return std::nullopt;
  const std::uint8_t head = in.Byte();
  const unsigned order = head & kOrderBits;
  if (order > 2 || order >= count || head > 15) in.Fail();
  for (unsigned i = 0; i < order && in.ok(); ++i) in.Varint();
  const std::int64_t base = (head & kSigned) != 0 ? 0 : in.Signed();
  if ((head & kEqual) != 0) return order == 0 ? std::optional{base} : std::nullopt;
  in.Varint();
  for (std::size_t left = count - order; left > 0 && in.ok(); left -= std::min(kBlock, left)) {
    const unsigned width = in.Byte();
    if (width > 64) in.Fail();
    in.Take((width * std::min(kBlock, left) + 7) / 8);
  }
  return std::nullopt;
}

}  // namespace bongsu::history
