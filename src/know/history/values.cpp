// SPDX-License-Identifier: Apache-2.0
#include "know/history/values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "know/history/bits.hpp"
#include "know/history/integers.hpp"
#include "know/history/number.hpp"

namespace bongsu::history {
namespace {

constexpr std::uint8_t kNoNumbers = 0;
constexpr std::uint8_t kScaled = 1;
constexpr std::uint8_t kXor = 2;

/// The numbers of a chunk in both forms, as far as they go.
struct Numbers {
  std::vector<std::int64_t> scaled;  ///< Empty when not all of them can be.
  std::uint8_t scale = 0;
  std::vector<double> doubles;
};

/// Which samples are kept as numbers, and how. Those that no common form gives back exactly are kept as JSON.
Numbers Collect(std::span<const Sample> samples, std::vector<std::int64_t>& classes) {
  std::vector<std::pair<std::size_t, Number>> found;
  bool all_decimal = true;
  std::uint8_t scale = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].value_class != ValueClass::kNumber) continue;
    const auto number = ReadNumber(samples[i].text);
    if (!number) {
      classes[i] = static_cast<std::int64_t>(ValueClass::kJson);
      continue;
    }
    found.emplace_back(i, *number);
    all_decimal = all_decimal && number->decimal;
    if (number->decimal) scale = std::max(scale, number->scale);
  }
  Numbers numbers;
  numbers.scale = scale;
  constexpr std::array<std::int64_t, 18> kPowers = [] {
    std::array<std::int64_t, 18> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers.at(i) = powers.at(i - 1) * 10;
    return powers;
  }();
  for (const auto& [place, number] : found) {
    std::int64_t digits = 0;
    if (!all_decimal || __builtin_mul_overflow(number.digits, kPowers.at(scale - number.scale), &digits)) {
      numbers.scaled.clear();
      break;
    }
    numbers.scaled.push_back(digits);
  }
  if (!numbers.scaled.empty() && std::ranges::any_of(found, [](const auto& n) { return !n.second.shortest; }))
    return numbers;  // only scaled
  for (const auto& [place, number] : found) {
    if (number.shortest) {
      numbers.doubles.push_back(number.value);
    } else {
      classes[place] = static_cast<std::int64_t>(ValueClass::kJson);
    }
  }
  return numbers;
}

std::string XorBytes(std::span<const double> numbers) {
  std::string out;
  BitWriter bits{out};
  auto last = std::bit_cast<std::uint64_t>(numbers.front());
  bits.Put(last, 64);
  unsigned leading = 65;  // no window yet
  unsigned trailing = 0;
  for (const double number : numbers.subspan(1)) {
    const auto now = std::bit_cast<std::uint64_t>(number);
    const std::uint64_t changed = now ^ last;
    last = now;
    if (changed == 0) {
      bits.Put(0, 1);
      continue;
    }
    const auto zeros = std::min(static_cast<unsigned>(std::countl_zero(changed)), 31U);
    const auto tail = static_cast<unsigned>(std::countr_zero(changed));
    if (leading <= zeros && trailing <= tail) {
      bits.Put(0b01, 2);
      bits.Put(changed >> trailing, 64 - leading - trailing);
      continue;
    }
    leading = zeros;
    trailing = tail;
    const unsigned length = 64 - leading - trailing;
    bits.Put(0b11, 2);
    bits.Put(leading, 5);
    bits.Put(length - 1, 6);
    bits.Put(changed >> trailing, length);
  }
  bits.Finish();
  return out;
}

bool GetXor(std::string_view bytes, std::span<double> numbers) {
  BitReader bits{bytes};
  std::uint64_t last = bits.Get(64);
  unsigned leading = 65;
  unsigned length = 0;
  for (std::size_t i = 0; i < numbers.size() && bits.ok(); ++i) {
    if (i > 0 && bits.Get(1) != 0) {
      if (bits.Get(1) != 0) {
        leading = static_cast<unsigned>(bits.Get(5));
        length = static_cast<unsigned>(bits.Get(6)) + 1;
      }
      if (leading + length > 64) return false;
      last ^= bits.Get(length) << (64 - leading - length);
    }
    numbers[i] = std::bit_cast<double>(last);
  }
  return bits.ok();
}

void PutNumbers(std::string& out, const Numbers& numbers) {
  if (numbers.scaled.empty() && numbers.doubles.empty()) {
    out += static_cast<char>(kNoNumbers);
    return;
  }
  std::string scaled;
  if (!numbers.scaled.empty()) PutIntegers(scaled, numbers.scaled);
  std::string xored;
  if (!numbers.doubles.empty()) xored = XorBytes(numbers.doubles);
  if (!scaled.empty() && (xored.empty() || scaled.size() <= xored.size())) {
    out += static_cast<char>(kScaled);
    out += static_cast<char>(numbers.scale);
    out += scaled;
  } else {
    out += static_cast<char>(kXor);
    PutText(out, xored);
  }
}

void Set(Sample& sample, double number) {
  sample.number = number;
  std::array<char, 32> text{};
  sample.text.assign(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

void GetNumbers(Reader& in, const std::vector<Sample*>& samples) {
  const std::uint8_t form = in.Byte();
  if (samples.empty()) {
    if (form != kNoNumbers) in.Fail();
    return;
  }
  if (form == kScaled) {
    const unsigned scale = in.Byte();
    const auto scaled = GetIntegers(in, samples.size());
    if (!in.ok() || scale > 17) return in.Fail();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i]->number = DecimalValue(scaled[i], scale);
      AppendDecimal(samples[i]->text, scaled[i], scale);
    }
  } else if (form == kXor) {
    std::vector<double> doubles(samples.size());
    if (!GetXor(in.Text(), doubles) || !in.ok()) return in.Fail();
    if (!std::ranges::all_of(doubles, [](double number) { return std::isfinite(number); })) return in.Fail();
    for (std::size_t i = 0; i < samples.size(); ++i) Set(*samples[i], doubles[i]);
  } else {
    in.Fail();
  }
}

}  // namespace

void PutTexts(std::string& out, std::span<const std::string_view> texts) {
  const bool all_equal = std::ranges::all_of(texts, [&](std::string_view text) { return text == texts.front(); });
  if (all_equal) {  // most often
    PutVarint(out, texts.empty() ? 0 : 1);
    if (!texts.empty()) PutText(out, texts.front());
    return PutIntegers(out, std::vector<std::int64_t>(texts.size()));
  }
  std::unordered_map<std::string_view, std::int64_t> known;
  std::vector<std::string_view> words;
  std::vector<std::int64_t> places;
  places.reserve(texts.size());
  for (const auto text : texts) {
    const auto [at, fresh] = known.emplace(text, static_cast<std::int64_t>(words.size()));
    if (fresh) words.push_back(text);
    places.push_back(at->second);
  }
  PutVarint(out, words.size());
  for (const auto word : words) PutText(out, word);
  PutIntegers(out, places);
}

Texts GetTexts(Reader& in, std::size_t count) {
  Texts texts;
  const std::uint64_t words = in.Varint();
  if (words > count || words > in.left()) in.Fail();
  for (std::uint64_t i = 0; i < words && in.ok(); ++i) texts.words.push_back(in.Text());
  texts.places = GetIntegers(in, count);
  const auto inside = [&](std::int64_t place) {
    return place >= 0 && static_cast<std::uint64_t>(place) < texts.words.size();
  };
  if (!std::ranges::all_of(texts.places, inside)) in.Fail();
  return texts;
}

void PutValues(std::string& out, std::span<const Sample> samples) {
  std::vector<std::int64_t> classes;
  classes.reserve(samples.size());
  for (const Sample& sample : samples) classes.push_back(static_cast<std::int64_t>(sample.value_class));
  const Numbers numbers = Collect(samples, classes);
  PutIntegers(out, classes);
  PutNumbers(out, numbers);
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (classes[i] == static_cast<std::int64_t>(ValueClass::kJson)) texts.emplace_back(samples[i].text);
  }
  PutTexts(out, texts);
}

void GetValues(Reader& in, std::span<Sample> samples) {
  const auto classes = GetIntegers(in, samples.size());
  if (!in.ok()) return;
  std::vector<Sample*> numbers;
  std::vector<Sample*> others;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (classes[i] < 0 || classes[i] > static_cast<std::int64_t>(ValueClass::kDeleted)) return in.Fail();
    samples[i].value_class = static_cast<ValueClass>(classes[i]);
    if (samples[i].value_class == ValueClass::kNumber) numbers.push_back(&samples[i]);
    if (samples[i].value_class == ValueClass::kJson) others.push_back(&samples[i]);
  }
  GetNumbers(in, numbers);
  const Texts texts = GetTexts(in, others.size());
  if (!in.ok()) return;
  for (std::size_t i = 0; i < others.size(); ++i) {
    others[i]->text = texts.words[static_cast<std::size_t>(texts.places[i])];
    if (const auto number = NumberIn(others[i]->text)) {
      others[i]->value_class = ValueClass::kNumber;
      others[i]->number = *number;
    }
  }
}

void SkipTexts(Reader& in, std::size_t count) {
  const std::uint64_t words = in.Varint();
  if (words > count || words > in.left()) in.Fail();
  for (std::uint64_t i = 0; i < words && in.ok(); ++i) in.Text();
  SkipIntegers(in, count);
}

std::optional<std::vector<double>> GetDoubles(Reader& in, std::size_t count) {
  if (SkipIntegers(in, count) != static_cast<std::int64_t>(ValueClass::kNumber)) return std::nullopt;
  const std::uint8_t form = in.Byte();
  std::vector<double> doubles(count);
  if (form == kXor) {
    if (!GetXor(in.Text(), doubles)) in.Fail();
    return doubles;
  }
  const unsigned scale = in.Byte();
  const auto scaled = GetIntegers(in, count);
  if (form != kScaled || scale > 17 || !in.ok()) {
    in.Fail();
    return std::nullopt;
  }
  std::ranges::transform(scaled, doubles.begin(), [&](std::int64_t digits) { return DecimalValue(digits, scale); });
  return doubles;
}

}  // namespace bongsu::history
