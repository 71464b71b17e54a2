// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace bongsu {
namespace {

struct Row {
  int http;
  std::string_view name;
};

// One row a Code, in its order.
constexpr std::array<Row, 12> kRows{{{400, "invalid_argument"},
                                     {401, "unauthenticated"},
                                     {403, "permission_denied"},
                                     {404, "not_found"},
                                     {409, "conflict"},
                                     {413, "too_large"},
                                     {429, "overloaded"},
                                     {501, "not_supported"},
                                     {503, "unavailable"},
                                     {507, "disk_full"},
                                     {500, "corrupt"},
                                     {500, "internal"}}};

}  // namespace

int HttpStatus(Code code) { return kRows[static_cast<std::size_t>(code)].http; }

std::string_view CodeName(Code code) { return kRows[static_cast<std::size_t>(code)].name; }

void AssertionFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "{\"event\":\"assertion_failed\",\"condition\":\"%s\",\"at\":\"%s:%d\"}\n", condition, file,
               line);
  std::abort();
}

}  // namespace bongsu
