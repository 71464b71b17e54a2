// SPDX-License-Identifier: Apache-2.0
#include "serve/files/embedded_console.hpp"

#include <gtest/gtest.h>

namespace bongsu::files {
namespace {

using namespace std::string_literals;

const std::string kOneFile = "BGFS\x01\0\0\0\x05\0a.txt\x0a\0text/plain\0\x02\0\0\0hi"s;

TEST(EmbeddedConsole, ReadsEveryFileOfABlob) {
  const auto files = ReadBlob(kOneFile);

  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(files->at("a.txt").body, "hi");
  EXPECT_EQ(files->at("a.txt").media_type, "text/plain");
}

TEST(EmbeddedConsole, RefusesEveryCutBlob) {
  for (std::size_t size = 0; size < kOneFile.size(); ++size) {
    EXPECT_FALSE(ReadBlob(std::string_view{kOneFile}.substr(0, size))) << size;
  }
}

TEST(EmbeddedConsole, TheProgramsOwnBlobIsWhole) { EXPECT_TRUE(ReadBlob(ConsoleBlob())); }

}  // namespace
}  // namespace bongsu::files
