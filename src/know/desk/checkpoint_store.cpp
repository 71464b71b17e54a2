// SPDX-License-Identifier: Apache-2.0
#include "know/desk/checkpoint_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "model/envelope.hpp"

namespace bongsu::desk {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".ckpt";

std::string StemOf(std::uint16_t partition) { return fmt::format("desk-{:04x}-", partition); }

tl::unexpected<Error> IoError(const fs::path& path) {
  return Fail(Code::kUnavailable, "checkpoint.io", "{}: {}", path.string(), std::strerror(errno));  // NOLINT
}

/// Written, synced and renamed, so that a name stands for a whole file.
Result<void> WriteWhole(const fs::path& path, std::string_view bytes) {
  const fs::path draft = path.string() + ".new";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (file < 0) return IoError(draft);
  bool good = true;
  while (good && !bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    good = written > 0;
    if (good) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  errno = error;
  if (!good || ::rename(draft.c_str(), path.c_str()) != 0) {
    const auto failed = IoError(draft);
    ::unlink(draft.c_str());
    return failed;
  }
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!synced) return IoError(path.parent_path());
  return {};
}

Result<Hash128> EnvelopeHash(const journal::JournalPort& journal, model::Position position) {
  BONGSU_TRY(const model::Record record, journal.At(position));
  std::string bytes;
  BONGSU_CHECK(model::EncodeEnvelope(bytes, record));
  return HashParts({bytes});
}

Result<void> LoadRows(Book& book, std::string_view rows) {
  while (!rows.empty()) {
    const std::size_t end = std::min(rows.find('\n'), rows.size());
    BONGSU_TRY(const json::Value row, json::Parse(rows.substr(0, end)));
    BONGSU_CHECK(book.Load(row));
    rows.remove_prefix(std::min(end + 1, rows.size()));
  }
  return {};
}

/// The checkpoint, when it is one of this partition and journal.
Result<Checkpoint> Fitting(const CheckpointStore& store, const journal::JournalPort& journal, std::uint16_t partition,
                           const CheckpointStore::Found& found) {
  BONGSU_TRY(Checkpoint checkpoint, store.Read(found.path));
  if (checkpoint.partition != partition || checkpoint.seq != found.seq)
    return Fail(Code::kCorrupt, "checkpoint.misnamed", "it is of partition {:#06x}, seq {}", checkpoint.partition,
                checkpoint.seq);
  BONGSU_TRY(const Hash128 hash, EnvelopeHash(journal, {partition, checkpoint.seq}));
  if (hash != checkpoint.record)
    return Fail(Code::kCorrupt, "checkpoint.other_journal", "the journal holds another record at seq {}",
                checkpoint.seq);
  return checkpoint;
}

/// @param strict  a book without its section makes the checkpoint useless
Result<void> Fill(const Checkpoint& checkpoint, std::span<Book* const> books, bool strict) {
  for (Book* book : books) {
    book->Clear();
    const Checkpoint::Section* section = checkpoint.Find(book->name());
    if (section == nullptr && strict)
      return Fail(Code::kNotSupported, "checkpoint.no_section", "it has nothing of book '{}'", book->name());
    if (section != nullptr) BONGSU_CHECK(LoadRows(*book, section->rows));
  }
  return {};
}

}  // namespace

CheckpointStore::CheckpointStore(fs::path folder, Log log) : folder_{std::move(folder)}, log_{log} {}

std::vector<CheckpointStore::Found> CheckpointStore::List(std::uint16_t partition) const {
  std::vector<Found> found;
  const std::string stem = StemOf(partition);
  std::error_code error;
  for (fs::directory_iterator item{folder_, error}, end; !error && item != end; item.increment(error)) {
    const std::string name = item->path().filename().string();
    if (!name.starts_with(stem) || !name.ends_with(kSuffix)) continue;
    std::uint64_t seq = 0;
    const char* last = name.data() + name.size() - kSuffix.size();
    const auto [rest, bad] = std::from_chars(name.data() + stem.size(), last, seq);
    if (bad == std::errc{} && rest == last) found.push_back({seq, item->path()});
  }
  std::ranges::sort(found, std::greater{}, &Found::seq);
  return found;
}

std::vector<std::uint16_t> CheckpointStore::Partitions() const {
  std::set<std::uint16_t> found;
  std::error_code error;
  for (fs::directory_iterator item{folder_, error}, end; !error && item != end; item.increment(error)) {
    const std::string name = item->path().filename().string();
    std::uint16_t partition = 0;
    if (name.size() < 10 || !name.starts_with("desk-")) continue;
    const auto [rest, bad] = std::from_chars(name.data() + 5, name.data() + 9, partition, 16);
    if (bad == std::errc{} && name.starts_with(StemOf(partition))) found.insert(partition);
  }
  return {found.begin(), found.end()};
}

Result<Checkpoint> CheckpointStore::Read(const fs::path& path) const {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(Code::kNotFound, "checkpoint.none", "{} cannot be read", path.string());
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return DecodeCheckpoint(bytes);
}

Result<void> CheckpointStore::Write(const Checkpoint& checkpoint) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  const fs::path path = folder_ / fmt::format("{}{:020}{}", StemOf(checkpoint.partition), checkpoint.seq, kSuffix);
  BONGSU_CHECK(WriteWhole(path, EncodeCheckpoint(checkpoint)));
  const auto kept = List(checkpoint.partition);
  for (std::size_t i = kKept; i < kept.size(); ++i) fs::remove(kept[i].path, error);
  return {};
}

std::uint64_t CheckpointStore::SafeSeq(std::uint16_t partition) const {
  const auto kept = List(partition);
  return kept.size() < kKept ? 0 : kept[kKept - 1].seq;
}

Result<Restored> Restore(const CheckpointStore& store, const journal::JournalPort& journal, std::uint16_t partition,
                         std::span<Book* const> books, std::uint64_t at_most) {
  const journal::Range range = journal.RangeOf(partition);
  const bool whole = range.last_seq == 0 || range.first_seq <= 1;
  const bool named = std::ranges::none_of(books, [](const Book* book) { return book->name().empty(); });
  const auto kept = named ? store.List(partition) : std::vector<CheckpointStore::Found>{};
  for (const bool strict : {true, false}) {
    if (!strict && whole) break;  // rather all of it again than a book without its past
    for (const CheckpointStore::Found& found : kept) {
      if (found.seq > at_most || found.seq > range.last_seq) continue;
      const auto checkpoint = Fitting(store, journal, partition, found);
      const auto filled = checkpoint ? Fill(*checkpoint, books, strict) : tl::unexpected<Error>(checkpoint.error());
      if (filled) return Restored{checkpoint->seq, checkpoint->ingest_time};
      store.log().Warn("checkpoint.passed_over", {{"file", found.path.filename().string()},
                                                  {"reason", filled.error().reason},
                                                  {"message", filled.error().message}});
    }
  }
  for (Book* book : books) book->Clear();
  if (whole) return Restored{};
  return Fail(Code::kCorrupt, "checkpoint.none_usable",
              "partition {:#06x} begins at seq {} and no checkpoint in {} can be used; restore a backup", partition,
              range.first_seq, store.folder().string());
}

std::vector<Checkpoint::Section> SectionsOf(std::span<Book* const> books) {
  std::vector<Checkpoint::Section> sections;
  for (const Book* book : books) {
    Checkpoint::Section& section = sections.emplace_back();
    section.name = book->name();
    book->Save([&section](const std::string& row) { section.rows.append(row).push_back('\n'); });
  }
  return sections;
}

Result<std::uint64_t> MakeCheckpoint(const CheckpointStore& store, const journal::JournalPort& journal,
                                     std::uint16_t partition, std::span<Book* const> books) {
  for (const Book* book : books) {
    if (book->name().empty())
      return Fail(Code::kNotSupported, "checkpoint.nameless_book", "a book of this desk has no part of a checkpoint");
  }
  BONGSU_TRY(const Restored from, Restore(store, journal, partition, books));
  Checkpoint made;
  made.partition = partition;
  made.seq = from.seq;
  made.ingest_time = from.ingest_time;
  BONGSU_CHECK(journal.Read(partition, from.seq + 1, [&](const model::Record& record) {
    for (Book* book : books) book->Fold(record);
    made.seq = record.position.seq;
    made.ingest_time = record.ingest_time;
    return true;
  }));
  if (made.seq == from.seq) return made.seq;
  BONGSU_TRY(made.record, EnvelopeHash(journal, {partition, made.seq}));
  made.sections = SectionsOf(books);
  BONGSU_CHECK(store.Write(made));
  return made.seq;
}

Result<CheckpointHashes> VerifyCheckpoint(const CheckpointStore& store, const journal::JournalPort& journal,
                                          std::uint16_t partition, std::span<Book* const> books) {
  CheckpointHashes hashes;
  std::vector<Checkpoint::Section> kept;
  for (const CheckpointStore::Found& found : store.List(partition)) {
    auto checkpoint = Fitting(store, journal, partition, found);
    if (!checkpoint) continue;
    hashes.seq = checkpoint->seq;
    kept = std::move(checkpoint->sections);
    break;
  }
  if (hashes.seq == 0) return hashes;
  // From the first record when it is still there: then nothing but the journal is believed.
  const bool whole = journal.RangeOf(partition).first_seq <= 1;
  BONGSU_TRY(const Restored from, Restore(store, journal, partition, books, whole ? 0 : hashes.seq - 1));
  BONGSU_CHECK(journal.Read(partition, from.seq + 1, [&](const model::Record& record) {
    if (record.position.seq > hashes.seq) return false;
    for (Book* book : books) book->Fold(record);
    return true;
  }));
  const auto hash_of = [](const std::vector<Checkpoint::Section>& sections) {
    Hash128 hash;
    for (const auto& section : sections) hash = HashParts({ToText(hash), section.name, section.rows});
    return hash;
  };
  hashes.kept = hash_of(kept);
  hashes.fold = hash_of(SectionsOf(books));
  return hashes;
}

}  // namespace bongsu::desk
