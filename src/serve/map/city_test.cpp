// SPDX-License-Identifier: Apache-2.0
#include "serve/map/city.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

namespace bongsu::map {
namespace {

class CityTest : public testing::Test {
 protected:
  CityTest() : folder_{std::filesystem::temp_directory_path() / fmt::format("bongsu-city-{}", ::getpid())} {
    std::filesystem::create_directories(folder_);
  }
  ~CityTest() override { std::filesystem::remove_all(folder_); }

  void WriteCity(std::string_view json) const { std::ofstream(folder_ / "city.json") << json; }

  /// A set with one tile: zoom 1, x 0, y 0 (row 1 from the south).
  void WriteTiles() const {
    sqlite3* database = nullptr;
    sqlite3_open((folder_ / "city.mbtiles").c_str(), &database);
    sqlite3_exec(database,
                 "CREATE TABLE tiles(zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB);"
                 "INSERT INTO tiles VALUES(1,0,1,'north-west');",
                 nullptr, nullptr, nullptr);
    sqlite3_close(database);
  }

  http::Response Get(const City& city, const std::string& z, const std::string& x, const std::string& y) const {
    http::Response answer;
    api::Call call;
    call.params = {{"set", "demo"}, {"z", z}, {"x", x}, {"y", y}};
    CityRoutes(std::make_shared<const City>(city))[1].handler(
        call, [&](http::Response response) { answer = std::move(response); });
    return answer;
  }

  std::filesystem::path folder_;
};

TEST_F(CityTest, GivesTheTileOfAWebAddress) {
  WriteCity(R"({"id":"x","name":{"ko":"하늘시"},"center":[126.6,35.8],"tiles":{"set":"demo"}})");
  WriteTiles();
  const auto city = LoadCity(folder_);
  ASSERT_TRUE(city) << city.error().message;

  EXPECT_EQ(Get(*city, "1", "0", "0").body, "north-west");
  EXPECT_EQ(Get(*city, "1", "0", "1").status, 204);
  EXPECT_EQ(Get(*city, "1", "2", "0").status, 400);
  EXPECT_EQ(Get(*city, "one", "0", "0").status, 400);
}

TEST_F(CityTest, ACityWithoutAMapIsACity) {
  WriteCity(R"({"id":"x","name":{"ko":"하늘시"},"center":[126.6,35.8],"tiles":null})");

  const auto city = LoadCity(folder_);

  ASSERT_TRUE(city) << city.error().message;
  EXPECT_EQ(Get(*city, "1", "0", "0").status, 404);
}

TEST_F(CityTest, SaysWhichFileIsMissing) {
  const auto city = LoadCity(folder_ / "nowhere");

  ASSERT_FALSE(city);
  EXPECT_NE(city.error().message.find("nowhere/city.json"), std::string::npos);
}

}  // namespace
}  // namespace bongsu::map
