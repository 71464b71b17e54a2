// SPDX-License-Identifier: Apache-2.0
#include "serve/map/city.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace bongsu::map {
namespace {

std::optional<std::uint32_t> Number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

http::Response TileAnswer(const City& city, const api::Call& call) {
  std::string_view last = call.params.at("y");
  last = last.substr(0, last.find('.'));
  const auto zoom = Number(call.params.at("z"));
  const auto x = Number(call.params.at("x"));
  const auto y = Number(last);
  if (!city.tiles || call.params.at("set") != city.tile_set) {
    return http::ProblemResponse(
        {Code::kNotFound, "tiles.no_set", fmt::format("there is no tile set '{}'", call.params.at("set"))});
  }
  if (!zoom || !x || !y)
    return http::ProblemResponse(
        {Code::kInvalidArgument, "tiles.bad_address", "a tile address is /tiles/SET/ZOOM/X/Y"});
  const std::string tag = '"' + city.tiles->revision() + '"';
  if (call.request.Header("If-None-Match") == tag) return {304, {{"ETag", tag}}, {}, {}};
  auto bytes = city.tiles->Read(*zoom, *x, *y);
  if (!bytes) return http::ProblemResponse(bytes.error());
  if (bytes->empty()) return {204, {{"Cache-Control", "public, max-age=3600"}}, {}, {}};
  http::Response response{200,
                          {{"ETag", tag}, {"Cache-Control", "public, max-age=3600"}},
                          std::move(*bytes),
                          "application/vnd.mapbox-vector-tile"};
  const bool gzip = response.body.starts_with("\x1f\x8b");
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

}  // namespace

City EmptyCity() {
  City city;
  json::Value& about = city.description;
  about.Set("id", "none");
  json::Value name;
  name.Set("ko", "통합운영센터");
  name.Set("en", "Operation centre");
  about.Set("name", std::move(name));
  about.Set("center", json::Array{126.978, 37.5665});
  about.Set("zoom", 11);
  about.Set("bounds", json::Array{124.5, 33.0, 132.0, 38.7});
  about.Set("boundary", nullptr);
  about.Set("districts", json::Array{});
  about.Set("tiles", nullptr);
  return city;
}

Result<City> LoadCity(const std::string& folder) {
  const std::string path = folder + "/city.json";
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Fail(Code::kNotFound, "city.no_file", "city '{}' cannot be read; ./x build makes the demo city", path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto parsed = json::Parse(text);
  if (!parsed || !(*parsed)["name"].IsObject() || !(*parsed)["center"].IsArray()) {
    return Fail(Code::kInvalidArgument, "city.bad_file", "'{}' has no name or center: {}", path,
                parsed ? "" : parsed.error().message);
  }
  City city;
  city.description = std::move(*parsed);
  json::Value* tiles = city.description.Find("tiles");
  if (tiles == nullptr || !tiles->IsObject()) return city;
  const std::string mbtiles = folder + "/" + std::string((*tiles)["file"].AsString("city.mbtiles"));
  BONGSU_TRY(std::unique_ptr<Tiles> opened, Tiles::Open(mbtiles));
  city.tiles = std::move(opened);
  city.tile_set = (*tiles)["set"].AsString("city");
  tiles->Set("set", city.tile_set);
  tiles->Set("rev", city.tiles->revision());
  return city;
}

api::Routes CityRoutes(std::shared_ptr<const City> city) {
  return {
      {"GET", "/api/v1/city", guard::Permission::kSignedIn,
       [city](const api::Call&, const http::Respond& respond) { respond(http::JsonResponse(200, city->description)); }},
      {"GET", "/tiles/{set}/{z}/{x}/{y}", guard::Permission::kSignedIn,
       [city](const api::Call& call, const http::Respond& respond) { respond(TileAnswer(*city, call)); }}};
}

}  // namespace bongsu::map
