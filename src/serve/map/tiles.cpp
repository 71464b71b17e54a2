// SPDX-License-Identifier: Apache-2.0
#include "serve/map/tiles.hpp"

#include <sqlite3.h>

#include <filesystem>

#include "base/id.hpp"

namespace bongsu::map {

struct Tiles::Connection {
  sqlite3* database = nullptr;
  ~Connection() { sqlite3_close(database); }
};

Tiles::Tiles(std::unique_ptr<Connection> connection, std::string revision)
    : connection_{std::move(connection)}, revision_{std::move(revision)} {}
Tiles::~Tiles() = default;

Result<std::unique_ptr<Tiles>> Tiles::Open(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return Fail(Code::kNotFound, "tiles.no_file", "tile set '{}': {}", path, error.message());
  const auto changed = std::filesystem::last_write_time(path, error).time_since_epoch().count();
  auto connection = std::make_unique<Connection>();
  // FULLMUTEX: SQLite itself keeps calls of several threads apart.
  const int opened =
      sqlite3_open_v2(path.c_str(), &connection->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr);
  if (opened != SQLITE_OK ||
      sqlite3_exec(connection->database, "SELECT 1 FROM tiles LIMIT 1", nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Fail(Code::kCorrupt, "tiles.bad_file", "'{}' is no MBTiles file: {}", path,
                sqlite3_errmsg(connection->database));
  }
  std::string revision = ToText(HashParts({path, std::to_string(size), std::to_string(changed)})).substr(0, 12);
  return std::unique_ptr<Tiles>(new Tiles(std::move(connection), std::move(revision)));  // NOLINT: private constructor
}

Result<std::string> Tiles::Read(std::uint32_t zoom, std::uint32_t x, std::uint32_t y) const {
  if (zoom > 24 || x >= (1U << zoom) || y >= (1U << zoom)) {
    return Fail(Code::kInvalidArgument, "tiles.bad_address",
                "tile {}/{}/{} does not exist: zoom is 0..24, x and y below 2^zoom", zoom, x, y);
  }
  sqlite3_stmt* query = nullptr;
  sqlite3_prepare_v2(connection_->database,
                     "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?", -1, &query,
                     nullptr);
  sqlite3_bind_int64(query, 1, zoom);
  sqlite3_bind_int64(query, 2, x);
  sqlite3_bind_int64(query, 3, (1U << zoom) - 1 - y);
  std::string bytes;
  const int step = sqlite3_step(query);
  if (step == SQLITE_ROW) {
    bytes.assign(static_cast<const char*>(sqlite3_column_blob(query, 0)),
                 static_cast<std::size_t>(sqlite3_column_bytes(query, 0)));
  }
  sqlite3_finalize(query);
  if (step != SQLITE_ROW && step != SQLITE_DONE) {
    return Fail(Code::kCorrupt, "tiles.bad_file", "tile {}/{}/{} cannot be read: {}", zoom, x, y,
                sqlite3_errmsg(connection_->database));
  }
  return bytes;
}

}  // namespace bongsu::map
