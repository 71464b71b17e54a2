// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The console's files, linked into the program, and the routes that give them out.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "serve/api/router.hpp"

namespace bongsu::files {

struct File {
  std::string_view body;
  std::string_view media_type;
  bool gzipped = false;
};

/// Name -> file of a blob made by tools/embed.py.
/// @errors kCorrupt files.bad_blob
Result<std::map<std::string, File, std::less<>>> ReadBlob(std::string_view blob);

/// The blob of this program; its files are empty when the console was not built.
std::string_view ConsoleBlob();

/// GET / and everything that no other route has: the console. Hashed assets are immutable, index.html is not kept;
/// unknown addresses without a file extension give index.html, so that screens have addresses of their own.
api::Routes ConsoleRoutes();

/// Security headers of every answer that a browser shows.
const http::Headers& SecurityHeaders();

}  // namespace bongsu::files
