// SPDX-License-Identifier: Apache-2.0
#include "know/desk/checkpoint.hpp"

#include <algorithm>

namespace bongsu::desk {
namespace {

constexpr std::uint32_t kMagic = 0x504B4342;  // "BCKP"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kHashBytes = 16;
constexpr std::size_t kHeaderBytes = 4 + 2 + 2 + 8 + 8 + kHashBytes + 4;
constexpr std::uint32_t kMaxSections = 1'000;

template <class T>
void Put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<char>((value >> (8U * i)) & 0xFFU));
}
void Put(std::string& out, Hash128 hash) {
  Put(out, hash.high);
  Put(out, hash.low);
}

/// Takes numbers and texts from the front; what is not there is empty and marks it bad.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_{bytes} {}
  template <class T>
  T Number() {
    const std::string_view bytes = Text(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
    return static_cast<T>(value);
  }
  Hash128 Hash() {
    const auto high = Number<std::uint64_t>();
    return {high, Number<std::uint64_t>()};
  }
  std::string_view Text(std::uint64_t size) {
    if (bad_ || size > left_.size()) {
      bad_ = true;
      return {};
    }
    const std::string_view text = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(text.size());
    return text;
  }
  bool bad() const { return bad_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
  bool bad_ = false;
};

tl::unexpected<Error> Bad(std::string_view what) { return Fail(Code::kCorrupt, "checkpoint.bad", "{}", what); }

}  // namespace

const Checkpoint::Section* Checkpoint::Find(std::string_view name) const {
  const auto found = std::ranges::find(sections, name, &Section::name);
  return found == sections.end() ? nullptr : &*found;
}

std::string EncodeCheckpoint(const Checkpoint& checkpoint) {
  std::string out;
  std::size_t size = kHeaderBytes + kHashBytes;
  for (const auto& section : checkpoint.sections) size += 10 + section.name.size() + section.rows.size();
  out.reserve(size);
  Put(out, kMagic);
  Put(out, kVersion);
  Put(out, checkpoint.partition);
  Put(out, checkpoint.seq);
  Put(out, static_cast<std::uint64_t>(ToMicros(checkpoint.ingest_time)));
  Put(out, checkpoint.record);
  Put(out, static_cast<std::uint32_t>(checkpoint.sections.size()));
  for (const auto& section : checkpoint.sections) {
    Put(out, static_cast<std::uint16_t>(section.name.size()));
    out += section.name;
    Put(out, static_cast<std::uint64_t>(section.rows.size()));
    out += section.rows;
  }
  Put(out, HashParts({out}));
  return out;
}

Result<Checkpoint> DecodeCheckpoint(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes + kHashBytes) return Bad("it is cut short");
  const std::string_view body = bytes.substr(0, bytes.size() - kHashBytes);
  Reader tail{bytes.substr(body.size())};
  Reader in{body};
  if (in.Number<std::uint32_t>() != kMagic) return Bad("it is no checkpoint");
  const auto version = in.Number<std::uint16_t>();
  if (tail.Hash() != HashParts({body})) return Bad("its bytes are not those that were written");
  if (version != kVersion)
    return Fail(Code::kNotSupported, "checkpoint.version", "version {}, this release reads {}", version, kVersion);
  Checkpoint checkpoint;
  checkpoint.partition = in.Number<std::uint16_t>();
  checkpoint.seq = in.Number<std::uint64_t>();
  checkpoint.ingest_time = FromMicros(static_cast<std::int64_t>(in.Number<std::uint64_t>()));
  checkpoint.record = in.Hash();
  const auto sections = in.Number<std::uint32_t>();
  if (sections > kMaxSections) return Bad("it has too many sections");
  for (std::uint32_t i = 0; i < sections && !in.bad(); ++i) {
    Checkpoint::Section& section = checkpoint.sections.emplace_back();
    section.name = in.Text(in.Number<std::uint16_t>());
    section.rows = in.Text(in.Number<std::uint64_t>());
  }
  if (in.bad() || !in.at_end()) return Bad("its sections do not fill it");
  return checkpoint;
}

}  // namespace bongsu::desk
