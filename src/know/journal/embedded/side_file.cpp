// SPDX-License-Identifier: Apache-2.0
#include "know/journal/embedded/side_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "base/id.hpp"

namespace bongsu::journal {
namespace {

// magic u32 | crc u32 of what follows | generation u64 | count u32 | count x (partition u16, seq u64); little-endian
constexpr std::uint32_t kMagic = 0x4B434142;  // "BACK": Bongsu acknowledged
constexpr std::size_t kHeaderBytes = 20;
constexpr std::size_t kEntryBytes = 10;

template <class T>
void Put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<char>((value >> (8U * i)) & 0xFFU));
}

template <class T>
T Get(std::string_view bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(bytes[offset + i]);
  return static_cast<T>(value);
}

std::filesystem::path Named(const std::filesystem::path& base, int which) {
  return base.string() + (which == 0 ? ".a" : ".b");
}

SideFile::Loaded LoadOne(const std::filesystem::path& path) {
  SideFile::Loaded loaded;
  std::ifstream file(path, std::ios::binary);
  if (!file) return loaded;
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  loaded = SideFile::Parse(bytes);
  loaded.present = true;
  return loaded;
}

}  // namespace

SideFile::Loaded SideFile::Parse(std::string_view bytes) {
  Loaded loaded;
  if (bytes.size() < kHeaderBytes || Get<std::uint32_t>(bytes, 0) != kMagic) return loaded;
  // What lies behind the table is left over from a longer one.
  const std::size_t length = kHeaderBytes + kEntryBytes * std::size_t{Get<std::uint32_t>(bytes, 16)};
  if (bytes.size() < length) return loaded;
  if (Get<std::uint32_t>(bytes, 4) != Crc32(bytes.substr(8, length - 8))) return loaded;
  loaded.generation = Get<std::uint64_t>(bytes, 8);
  for (std::size_t at = kHeaderBytes; at < length; at += kEntryBytes) {
    loaded.acked[Get<std::uint16_t>(bytes, at)] = Get<std::uint64_t>(bytes, at + 2);
  }
  return loaded;
}

SideFile::Loaded SideFile::Load(const std::filesystem::path& base) {
  Loaded a = LoadOne(Named(base, 0));
  Loaded b = LoadOne(Named(base, 1));
  const bool present = a.present || b.present;
  Loaded newest = std::move(a.generation >= b.generation ? a : b);
  newest.present = present;
  return newest;
}

Result<SideFile> SideFile::Open(const std::filesystem::path& base, std::uint64_t generation) {
  SideFile side;
  side.generation_ = generation;
  // The newest table is on disk in one file; what is written next goes into the other.
  side.current_ = LoadOne(Named(base, 0)).generation == generation && generation != 0 ? 1 : 0;
  for (int which = 0; which < 2; ++which) {
    side.files_[which] = ::open(Named(base, which).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (side.files_[which] < 0) {
      return Fail(Code::kUnavailable, "journal.side_file", "{}: {}", Named(base, which).string(), std::strerror(errno));
    }
  }
  return side;
}

SideFile::SideFile(SideFile&& other) noexcept
    : files_{std::exchange(other.files_[0], -1), std::exchange(other.files_[1], -1)},
      generation_{other.generation_},
      current_{other.current_},
      dirty_{other.dirty_} {}

SideFile& SideFile::operator=(SideFile&& other) noexcept {
  std::swap(files_, other.files_);
  std::swap(generation_, other.generation_);
  std::swap(current_, other.current_);
  std::swap(dirty_, other.dirty_);
  return *this;
}

SideFile::~SideFile() {
  for (const int file : files_) {
    if (file >= 0) ::close(file);
  }
}

Result<void> SideFile::Write(const AckedSeqs& acked) {
  std::string body;
  Put(body, ++generation_);
  Put(body, static_cast<std::uint32_t>(acked.size()));
  for (const auto& [partition, seq] : acked) {
    Put(body, partition);
    Put(body, seq);
  }
  std::string bytes;
  Put(bytes, kMagic);
  Put(bytes, Crc32(body));
  bytes += body;
  const ssize_t written = ::pwrite(files_[current_], bytes.data(), bytes.size(), 0);
  if (written != static_cast<ssize_t>(bytes.size())) {
    return Fail(Code::kUnavailable, "journal.side_file", "writing {} bytes: {}", bytes.size(), std::strerror(errno));
  }
  dirty_ = true;
  return {};
}

Result<void> SideFile::Sync() {
  if (!dirty_) return {};
  if (::fdatasync(files_[current_]) != 0) {
    return Fail(Code::kUnavailable, "journal.side_file", "sync: {}", std::strerror(errno));
  }
  dirty_ = false;
  current_ = 1 - current_;
  return {};
}

}  // namespace bongsu::journal
