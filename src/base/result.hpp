// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What can fail returns Result<T>. An Error says what kind it is, why in words for machines, and why in words for
/// people.

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tl/expected.hpp"

namespace bongsu {

/// The closed list of kinds of failure. Each maps to one HTTP status (HttpStatus) and one log level.
enum class Code : std::uint8_t {
  kInvalidArgument,   ///< 400: the input breaks a rule that is written down.
  kUnauthenticated,   ///< 401: nobody, or somebody we do not know.
  kPermissionDenied,  ///< 403: known, but may not.
  kNotFound,          ///< 404
  kConflict,          ///< 409: the state does not allow it now.
  kTooLarge,          ///< 413: beyond a stated bound.
  kOverloaded,        ///< 429: admission class full; come again later.
  kNotSupported,      ///< 501: not built yet; never a wrong success.
  kUnavailable,       ///< 503: a part that is needed is down.
  kDiskFull,          ///< 507: below the reserve; the desk still works.
  kCorrupt,           ///< 500: stored bytes are not what was written.
  kInternal,          ///< 500: a bug of ours.
};

/// HTTP status of `code`.
int HttpStatus(Code code);
/// Word of `code`, such as "not_found".
std::string_view CodeName(Code code);

struct [[nodiscard]] Error {
  Code code = Code::kInternal;
  std::string reason;   ///< Stable, for machines: "module.what".
  std::string message;  ///< For people: the thing, its value, the limit, the way out.
};

template <class T>
using Result = tl::expected<T, Error>;

/// Makes the error side of a Result; `format` as in fmt.
template <class... Args>
[[nodiscard]] tl::unexpected<Error> Fail(Code code, std::string_view reason, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return tl::unexpected<Error>(Error{code, std::string(reason), fmt::format(format, std::forward<Args>(args)...)});
}

/// Ends the process with a message: a broken invariant is a bug, the journal replays. Never for input from outside.
[[noreturn]] void AssertionFailed(const char* condition, const char* file, int line);

}  // namespace bongsu

#define BONGSU_CONCAT_INNER(a, b) a##b
#define BONGSU_CONCAT(a, b) BONGSU_CONCAT_INNER(a, b)

/// BONGSU_TRY(const auto x, F()): declares x with the value of F(), or returns its error.
#define BONGSU_TRY(declaration, ...) \
  BONGSU_TRY_INNER(BONGSU_CONCAT(result_, __COUNTER__), return, declaration, __VA_ARGS__)
/// The same inside a coroutine.
#define BONGSU_CO_TRY(declaration, ...) \
  BONGSU_TRY_INNER(BONGSU_CONCAT(result_, __COUNTER__), co_return, declaration, __VA_ARGS__)
#define BONGSU_TRY_INNER(temporary, leave, declaration, ...)                             \
  auto temporary = (__VA_ARGS__);                                                        \
  if (!temporary) leave ::tl::unexpected<::bongsu::Error>(std::move(temporary).error()); \
  declaration = std::move(*temporary)

/// BONGSU_CHECK(F()): goes on when F() succeeded, or returns its error.
#define BONGSU_CHECK(...) BONGSU_CHECK_INNER(return, __VA_ARGS__)
#define BONGSU_CO_CHECK(...) BONGSU_CHECK_INNER(co_return, __VA_ARGS__)
#define BONGSU_CHECK_INNER(leave, ...)                                                             \
  do {                                                                                             \
    auto bongsu_result = (__VA_ARGS__);                                                            \
    if (!bongsu_result) leave ::tl::unexpected<::bongsu::Error>(std::move(bongsu_result).error()); \
  } while (false)

#define BONGSU_ASSERT(condition)                                                 \
  do {                                                                           \
    if (!(condition)) ::bongsu::AssertionFailed(#condition, __FILE__, __LINE__); \
  } while (false)
