// SPDX-License-Identifier: Apache-2.0
#include "know/journal/fold_guard.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "know/journal/engine_makers_fake.hpp"

namespace bongsu::journal {
namespace {

class FoldGuardTest : public testing::Test {
 protected:
  FoldGuardTest() {
    (void)maker_.engine().Claim(kNoon);
    for (int i = 0; i < 5; ++i) {
      model::Record record;
      record.kind = model::Kind::kEvent;
      record.position = {3, maker_.engine().RangeOf(3).last_seq + 1};
      record.ingest_time = kNoon + Duration{10 + i};
      EXPECT_EQ(maker_.engine().Append({&record, 1}).outcome, Outcome::kDurable);
    }
  }
  /// A process that folds partition 3 and does `at_four` at seq 4. @returns its status
  template <class Work>
  int Fold(Work at_four) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto guard = FoldGuard::Open(maker_.folder(), Log{Log::Level::kOff});
      if (!guard) ::_exit(9);
      const GuardedJournal journal{maker_.engine(), guard->get(), (*guard)->poisoned()};
      (void)journal.Read(3, 1, [&](const model::Record& record) {
        if (record.position.seq == 4) at_four();
        return true;
      });
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }
  EmbeddedMaker maker_;
};

TEST_F(FoldGuardTest, ARecordThatAbortsTwoStartsIsLeftOutByTheThird) {
  const auto abort = [] { std::abort(); };

  EXPECT_TRUE(WIFSIGNALED(Fold(abort)));
  EXPECT_TRUE(WIFSIGNALED(Fold(abort)));
  EXPECT_EQ(Fold(abort), 0);

  EXPECT_TRUE(FoldGuard::Poisoned(maker_.folder()).empty() == false);
  auto guard = FoldGuard::Open(maker_.folder(), Log{Log::Level::kOff});
  ASSERT_TRUE(guard);
  EXPECT_EQ((*guard)->poisoned(), (std::vector<model::Position>{{3, 4}}));
  const GuardedJournal journal{maker_.engine(), guard->get(), (*guard)->poisoned()};
  std::vector<std::uint64_t> seqs;
  ASSERT_TRUE(journal.Read(3, 1, [&](const model::Record& record) {
    seqs.push_back(record.position.seq);
    return true;
  }));
  EXPECT_EQ(seqs, (std::vector<std::uint64_t>{1, 2, 3, 5, 6}));
}

TEST_F(FoldGuardTest, AKillIsNoAbort) {
  const auto die = [] { ::kill(::getpid(), SIGKILL); };

  for (int i = 0; i < 5; ++i) EXPECT_TRUE(WIFSIGNALED(Fold(die)));

  EXPECT_TRUE(FoldGuard::Poisoned(maker_.folder()).empty());
}

TEST_F(FoldGuardTest, AnAbortThatDoesNotComeAgainLeavesNothingOut) {
  EXPECT_TRUE(WIFSIGNALED(Fold([] { std::abort(); })));

  EXPECT_EQ(Fold([] {}), 0);
  EXPECT_EQ(Fold([] {}), 0);

  EXPECT_TRUE(FoldGuard::Poisoned(maker_.folder()).empty());
}

TEST_F(FoldGuardTest, AfterTheStartNothingIsMarked) {
  const auto abort_later = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      auto guard = FoldGuard::Open(maker_.folder(), Log{Log::Level::kOff});
      (*guard)->EndOfStart();
      const GuardedJournal journal{maker_.engine(), guard->get(), {}};
      (void)journal.Read(3, 1, [](const model::Record&) -> bool { std::abort(); });
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status);
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(abort_later());

  EXPECT_TRUE(FoldGuard::Poisoned(maker_.folder()).empty());
}

}  // namespace
}  // namespace bongsu::journal
