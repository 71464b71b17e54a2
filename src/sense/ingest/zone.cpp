// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/zone.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <optional>

namespace bongsu::ingest {
namespace {

constexpr std::size_t kMaxFileBytes = 1U << 20U;
constexpr std::size_t kHeaderBytes = 44;  // RFC 8536 section 3.1

std::optional<std::chrono::seconds> ReadOffset(std::string_view name) {
  if (name == "UTC" || name == "Z") return std::chrono::seconds{0};
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':') return std::nullopt;
  for (const std::size_t i : {1U, 2U, 4U, 5U}) {
    if (std::isdigit(static_cast<unsigned char>(name[i])) == 0) return std::nullopt;
  }
  const int minutes = ((name[1] - '0') * 10 + (name[2] - '0')) * 60 + (name[4] - '0') * 10 + (name[5] - '0');
  return std::chrono::minutes{name[0] == '-' ? -minutes : minutes};
}

std::int64_t BigEndian(std::string_view bytes) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

/// The six counts of a TZif header.
struct Counts {
  std::size_t utc = 0, standard = 0, leap = 0, time = 0, type = 0, letters = 0;
  std::size_t BlockBytes(std::size_t time_bytes) const {
    return time * time_bytes + time + type * 6 + letters + leap * (time_bytes + 4) + standard + utc;
  }
};

std::optional<Counts> ReadHeader(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with("TZif")) return std::nullopt;
  std::array<std::size_t, 6> n{};
  for (std::size_t i = 0; i < n.size(); ++i) {
    const std::int64_t count = BigEndian(bytes.substr(20 + i * 4, 4));
    if (count < 0 || count > 100'000) return std::nullopt;
    n[i] = static_cast<std::size_t>(count);
  }
  return Counts{n[0], n[1], n[2], n[3], n[4], n[5]};
}

}  // namespace

Result<Zone> Zone::FromTzif(std::string_view bytes) {
  const auto bad = [] {
    return Fail(Code::kInvalidArgument, "zone.bad_file", "not a TZif file of version 2 or later");
  };
  const auto old = ReadHeader(bytes);
  if (!old || bytes[4] < '2' || bytes.size() < kHeaderBytes + old->BlockBytes(4)) return bad();
  bytes.remove_prefix(kHeaderBytes + old->BlockBytes(4));  // the 32 bit block is for readers of version 1
  const auto counts = ReadHeader(bytes);
  if (!counts || counts->type == 0 || bytes.size() < kHeaderBytes + counts->BlockBytes(8)) return bad();
  const std::string_view times = bytes.substr(kHeaderBytes);
  const std::string_view kinds = times.substr(counts->time * 8);
  const std::string_view types = kinds.substr(counts->time);
  const auto offset_of = [&](std::size_t type) { return std::chrono::seconds{BigEndian(types.substr(type * 6, 4))}; };

  Zone zone;
  zone.first_ = offset_of(0);
  for (std::size_t i = 0; i < counts->time; ++i) {
    const std::size_t type = static_cast<unsigned char>(kinds[i]);
    if (type >= counts->type) return bad();
    const std::int64_t at =
        std::clamp<std::int64_t>(BigEndian(times.substr(i * 8, 8)), -60'000'000'000, 60'000'000'000);
    zone.changes_.push_back({TimePoint{std::chrono::seconds{at}}, offset_of(type)});
  }
  return zone;
}

Result<Zone> Zone::Load(std::string_view name) {
  if (const auto offset = ReadOffset(name)) {
    Zone zone;
    zone.first_ = *offset;
    return zone;
  }
  const bool plain =
      !name.empty() && name.find("..") == std::string_view::npos && name.front() != '/' &&
      std::ranges::all_of(name, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
      });
  if (plain) {
    std::ifstream file("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (!bytes.empty() && bytes.size() < kMaxFileBytes) return FromTzif(bytes);
  }
  return Fail(Code::kInvalidArgument, "zone.unknown", "time zone '{}' is not known here (an IANA name or +09:00)",
              name);
}

std::chrono::seconds Zone::OffsetAt(TimePoint utc) const {
  const auto next = std::ranges::upper_bound(changes_, utc, {}, &Change::from);
  return next == changes_.begin() ? first_ : std::prev(next)->offset;
}

TimePoint Zone::ToUtc(TimePoint local) const {
  const auto before = OffsetAt(local - 24h);
  if (OffsetAt(local - before) == before) return local - before;
  return local - OffsetAt(local + 24h);
}

}  // namespace bongsu::ingest
