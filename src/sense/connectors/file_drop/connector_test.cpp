// SPDX-License-Identifier: Apache-2.0
// The whole way on a real folder: files, the gate, records, done/.
#include "sense/connectors/file_drop/connector.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sense/ingest/connector_fake.hpp"

namespace bongsu::file_drop {
namespace {

namespace fs = std::filesystem;
using ingest::ConnectorHouse;

constexpr std::string_view kMappings = "mapping: m\nevent: {type: door, id: \"{/n}\", fields: {n: /n}}\n";

class FileDrop : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / fmt::format("bongsu-drop-{}-{}", getpid(),
                                                     ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string Config(std::string_view gap_after = "1h") const {
    return fmt::format(
        "sources:\n  - {{id: s, kind: file_drop, mappings: [m], folder: \"{}\", look_every: 10ms, gap_after: {}}}\n",
        folder.string(), gap_after);
  }
  /// As a gateway should: written aside, then renamed.
  void Drop(const std::string& name, std::string_view body) const {
    std::ofstream(folder / "part", std::ios::binary) << body;
    fs::rename(folder / "part", folder / name);
  }
  bool Done(const std::string& name) const { return fs::exists(folder / "done" / name); }
  static std::string Numbers(ConnectorHouse& house) {
    std::string numbers;
    for (const json::Value& record : house.Records()) numbers += json::ToString(record["fields"]["n"]) + " ";
    return numbers;
  }

  fs::path folder;
};

TEST_F(FileDrop, FilesAreReadInTheOrderOfTheirNumbersAndMovedAway) {
  Drop("10.ndjson", "{\"n\":3}\n");
  Drop("9.ndjson", "{\"n\":1}\n{\"n\":2}\n");
  std::ofstream(folder / "notes.txt") << "none of ours";

  ConnectorHouse house{Make(), kMappings, Config()};
  ASSERT_TRUE(house.opened) << house.opened.error().message;

  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("9.ndjson") && Done("10.ndjson"); }));
  EXPECT_EQ(Numbers(house), "1 2 3 ");
  EXPECT_TRUE(fs::exists(folder / "notes.txt"));
  EXPECT_TRUE(ConnectorHouse::Eventually([&] { return house.StatusOf("s").address.ends_with("*.ndjson · 11"); }));
}

TEST_F(FileDrop, AFileStaysUntilItsMessagesAreOnDiskAndNothingIsLostWhenTheProcessEndsBetween) {
  {
    ConnectorHouse killed{Make(), kMappings, Config()};
    killed.OnShard([&] { return killed.append.hold = true; });
    Drop("1.ndjson", "{\"n\":1}\n");
    ASSERT_TRUE(ConnectorHouse::Eventually([&] { return killed.OnShard([&] { return killed.append.held() == 1; }); }));
    EXPECT_FALSE(Done("1.ndjson"));
  }
  EXPECT_FALSE(Done("1.ndjson"));

  ConnectorHouse next{Make(), kMappings, Config()};

  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("1.ndjson"); }));
  EXPECT_EQ(Numbers(next), "1 ");
}

TEST_F(FileDrop, AFullJournalKeepsTheFileForLater) {
  ConnectorHouse house{Make(), kMappings, Config()};
  house.OnShard([&] {
    house.append.fail_with = Error{Code::kOverloaded, "journal.class_full", "full"};
    return 0;
  });

  Drop("1.ndjson", "{\"n\":1}\n");
  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return !house.StatusOf("s").errors.empty(); }));
  EXPECT_TRUE(fs::exists(folder / "1.ndjson"));
  house.OnShard([&] {
    house.append.fail_with.reset();
    return 0;
  });

  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("1.ndjson"); }));
  EXPECT_EQ(Numbers(house), "1 ");
}

TEST_F(FileDrop, AMissingNumberIsWaitedForThenCountedAndTakenWhenItComesLate) {
  Drop("1.ndjson", "{\"n\":1}\n");
  ConnectorHouse house{Make(), kMappings, Config("20ms")};
  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("1.ndjson"); }));

  Drop("4.ndjson", "{\"n\":4}\n");
  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("4.ndjson") && house.StatusOf("s").counts.dropped == 2; }));
  EXPECT_EQ(house.StatusOf("s").errors.front().reason, "file_drop.gap");
  EXPECT_NE(house.StatusOf("s").errors.front().message.find("2 to 3"), std::string::npos);

  Drop("2.ndjson", "{\"n\":2}\n");
  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("2.ndjson") && house.StatusOf("s").counts.dropped == 1; }));
  EXPECT_EQ(Numbers(house), "1 4 2 ");
}

TEST_F(FileDrop, WhatIsNextIsKnownAfterARestart) {
  fs::create_directories(folder / "done");
  std::ofstream(folder / "done" / "7.ndjson") << "";
  Drop("9.ndjson", "{\"n\":9}\n");

  ConnectorHouse house{Make(), kMappings, Config("20ms")};

  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("9.ndjson") && house.StatusOf("s").counts.dropped == 1; }));
  Drop("8.ndjson", "{\"n\":8}\n");
  EXPECT_TRUE(ConnectorHouse::Eventually([&] { return Done("8.ndjson") && house.StatusOf("s").counts.dropped == 0; }));
}

TEST_F(FileDrop, ANumberThatComesAgainIsReadAndItsRepeatsAreDropped) {
  Drop("1.ndjson", "{\"n\":1}\n");
  ConnectorHouse house{Make(), kMappings, Config()};
  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("1.ndjson"); }));

  Drop("1.ndjson", "{\"n\":1}\n{\"n\":2}\n");

  ASSERT_TRUE(
      ConnectorHouse::Eventually([&] { return house.Records().size() == 2 && !fs::exists(folder / "1.ndjson"); }));
  EXPECT_EQ(Numbers(house), "1 2 ");
  EXPECT_EQ(house.StatusOf("s").counts.duplicate, 1U);
  EXPECT_EQ(house.StatusOf("s").errors.front().reason, "file_drop.again");
}

TEST_F(FileDrop, WhatCannotBeReadAsAWholeIsSetAsideAndTheNextIsTaken) {
  std::string many;
  for (std::size_t i = 0; i <= ingest::kMaxRows; ++i) many += "{}\n";
  Drop("1.ndjson", many);
  Drop("2.ndjson", "no json\n{\"n\":2}\n");

  ConnectorHouse house{Make(), kMappings, Config()};

  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return Done("2.ndjson"); }));
  EXPECT_TRUE(fs::exists(folder / "refused" / "1.ndjson"));
  const auto status = house.StatusOf("s");
  EXPECT_EQ(status.counts.accepted, 1U);
  EXPECT_EQ(status.counts.quarantined, 1U);
}

TEST_F(FileDrop, AFolderThatIsNotThereIsAnErrorOfTheLinkUntilItIs) {
  fs::remove_all(folder);
  ConnectorHouse house{Make(), kMappings, Config()};
  ASSERT_TRUE(house.opened);
  ASSERT_TRUE(ConnectorHouse::Eventually([&] { return house.StatusOf("s").state == "error"; }));
  EXPECT_EQ(house.StatusOf("s").errors.front().reason, "file_drop.no_folder");

  fs::create_directories(folder);

  EXPECT_TRUE(ConnectorHouse::Eventually([&] { return house.StatusOf("s").state == "listening"; }));
}

TEST_F(FileDrop, WithoutAFolderTheLinkIsOffAndABadPatternIsRefused) {
  ConnectorHouse off{Make(), kMappings, "sources:\n  - {id: s, kind: file_drop, mappings: [m]}\n"};
  const ConnectorHouse bad{Make(), kMappings,
                           "sources:\n  - {id: s, kind: file_drop, mappings: [m], files: all.ndjson}\n"};
  const ConnectorHouse twice{Make(), kMappings,
                             "sources:\n  - {id: s, kind: file_drop, mappings: [m], folder: /nowhere}\n  - {id: t, "
                             "kind: file_drop, mappings: [m], folder: /nowhere}\n"};

  EXPECT_TRUE(off.opened);
  EXPECT_EQ(off.StatusOf("s").state, "off");
  ASSERT_FALSE(bad.opened);
  EXPECT_EQ(bad.opened.error().reason, "source.bad");
  EXPECT_FALSE(twice.opened);
}

}  // namespace
}  // namespace bongsu::file_drop
