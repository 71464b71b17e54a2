// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Vector tiles of one MBTiles file (SQLite), passed through as they are stored: gzip of protobuf.
/// Source: MBTiles specification 1.3; rows count from the south (TMS).

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace bongsu::map {

class Tiles {
 public:
  /// @errors kNotFound tiles.no_file   kCorrupt tiles.bad_file
  static Result<std::unique_ptr<Tiles>> Open(const std::string& path);
  ~Tiles();

  /// Bytes of a tile, empty when the set has none there. z, x, y as in web maps (y grows south). Any thread.
  /// @errors kInvalidArgument tiles.bad_address   kCorrupt tiles.bad_file
  Result<std::string> Read(std::uint32_t zoom, std::uint32_t x, std::uint32_t y) const;
  /// Changes when the file does; for ETag and ?rev=.
  const std::string& revision() const { return revision_; }

 private:
  struct Connection;
  Tiles(std::unique_ptr<Connection> connection, std::string revision);
  std::unique_ptr<Connection> connection_;
  std::string revision_;
};

}  // namespace bongsu::map
