// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The engines on which tests of the journal, the committer and the desk run.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "know/journal/embedded/embedded_journal.hpp"
#include "know/journal/memory_journal_fake.hpp"

namespace bongsu::journal {

inline constexpr TimePoint kNoon = FromMicros(1'795'521'600'000'000);

/// A clock a test may set while another thread reads it.
class SharedClock final : public Clock {
 public:
  TimePoint Now() const override { return FromMicros(micros_.load()); }
  void Set(TimePoint now) { micros_.store(ToMicros(now)); }
  void Advance(Duration by) { micros_.fetch_add(by.count()); }
  double scale() const override { return scale_.load(); }
  void SetScale(double scale) { scale_.store(scale); }

 private:
  std::atomic<std::int64_t> micros_{ToMicros(kNoon)};
  std::atomic<double> scale_{1.0};
};

// A new engine, and what "the process died and started again" means for it.
class MemoryMaker {
 public:
  MemoryJournal& engine() { return *engine_; }
  void Restart() { (void)engine_->Claim(kNoon); }

 private:
  std::unique_ptr<MemoryJournal> engine_ = std::make_unique<MemoryJournal>();
};

class EmbeddedMaker {
 public:
  EmbeddedMaker() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-journal-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    Open();
  }
  ~EmbeddedMaker() {
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }
  JournalPort& engine() { return *engine_; }
  void Restart() {
    engine_.reset();
    Open();
    (void)engine_->Claim(kNoon);
  }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void Open() {
    EmbeddedOptions options;
    options.folder = folder_;
    options.disk.ballast_bytes = 0;
    options.disk.free_bytes = [] { return std::uint64_t{1} << 40U; };
    auto opened = EmbeddedJournal::Open(options, Log{Log::Level::kOff});
    BONGSU_ASSERT(opened);
    engine_ = std::move(*opened);
  }
  std::filesystem::path folder_;
  std::unique_ptr<EmbeddedJournal> engine_;
};

using EngineMakers = testing::Types<MemoryMaker, EmbeddedMaker>;

}  // namespace bongsu::journal
