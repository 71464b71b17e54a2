// SPDX-License-Identifier: Apache-2.0
#include "serve/api/query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace bongsu::api {
namespace {

constexpr std::size_t kShown = 40;  ///< Bytes of what was given that a complaint repeats.

template <class T>
Result<T> Read(std::string_view text, std::string_view name, T least, T most, std::string_view what) {
  T number{};
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size() || !(number >= least && number <= most)) {
    return Fail(Code::kInvalidArgument, "http.bad_query", "{} is a {} from {} to {}, not '{}'", name, what, least, most,
                text.substr(0, kShown));
  }
  return number;
}

}  // namespace

Result<std::uint64_t> NumberOf(const http::Request& request, std::string_view name, std::uint64_t otherwise,
                               std::uint64_t least, std::uint64_t most) {
  const auto text = request.Query(name);
  if (!text) return otherwise;
  return Read(*text, name, least, most, "whole number");
}

Result<std::size_t> LimitOf(const http::Request& request, std::size_t otherwise, std::size_t most) {
  return NumberOf(request, "limit", otherwise, 1, most);
}

Result<model::LatLon> PointOf(const http::Request& request) {
  model::LatLon point;
  BONGSU_TRY(point.lat_deg, Read(request.Query("lat").value_or(""), "lat", -90.0, 90.0, "number"));
  BONGSU_TRY(point.lon_deg, Read(request.Query("lon").value_or(""), "lon", -180.0, 180.0, "number"));
  return point;
}

Result<Box> BoxOf(const http::Request& request) {
  const auto given = request.Query("bbox");
  if (!given) return Box{};
  std::string_view text = *given;
  std::array<double, 4> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t end = i + 1 < numbers.size() ? std::min(text.find(','), text.size()) : text.size();
    const double most = i % 2 == 0 ? 180 : 90;
    BONGSU_TRY(numbers[i], Read(text.substr(0, end), "bbox (west,south,east,north)", -most, most, "number"));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return Box{numbers[0], numbers[1], numbers[2], numbers[3]};
}

}  // namespace bongsu::api
