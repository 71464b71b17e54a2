// SPDX-License-Identifier: Apache-2.0
// golden/files.json: names a pattern takes with their numbers, and the messages of a file.
#include "sense/connectors/file_drop/codec.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace bongsu::file_drop {
namespace {

void Check(const json::Value& golden) {
  const auto pattern = NamePattern::Parse(golden["files"].AsString());
  if (golden["reason"].IsString()) {
    ASSERT_FALSE(pattern);
    EXPECT_EQ(pattern.error().reason, golden["reason"].AsString());
    return;
  }
  ASSERT_TRUE(pattern) << pattern.error().message;
  const auto number = pattern->NumberOf(golden["name"].AsString());
  ASSERT_EQ(number.has_value(), golden["number"].IsInt());
  if (!number) return;
  EXPECT_EQ(*number, static_cast<std::uint64_t>(golden["number"].AsInt()));

  const auto rows = Rows(pattern->content_type(), golden["header"].AsBool(), std::string(golden["body"].AsString()));
  ASSERT_TRUE(rows) << rows.error().message;
  json::Array read;
  for (const ingest::Row& row : *rows) read.emplace_back(row.document ? json::ToString(*row.document) : row.bytes);
  EXPECT_EQ(json::ToString(json::Value{read}), json::ToString(golden["rows"]));
}

TEST(FileDropCodec, ReadsTheGoldenFiles) {
  std::ifstream file("src/sense/connectors/file_drop/golden/files.json", std::ios::binary);
  const auto files = json::Parse(std::string{std::istreambuf_iterator<char>(file), {}});
  ASSERT_TRUE(files) << files.error().message;

  for (const json::Value& golden : files->AsArray()) {
    SCOPED_TRACE(json::ToString(golden));
    Check(golden);
  }
}

TEST(FileDropCodec, RefusesAFileOfTooManyMessagesAsAWhole) {
  std::string body;
  for (std::size_t i = 0; i <= ingest::kMaxRows; ++i) body += "1\n";

  const auto rows = Rows("application/x-ndjson", false, body);

  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().reason, "ingest.too_many_rows");
}

}  // namespace
}  // namespace bongsu::file_drop
