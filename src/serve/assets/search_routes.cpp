// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <fstream>

#include "serve/api/query.hpp"
#include "serve/assets/asset_routes.hpp"

namespace bongsu::api {
namespace {

constexpr std::size_t kMaxAddresses = 1'000'000;
constexpr std::size_t kMaxText = 200;

json::Value HitJson(const SearchHit& hit) {
  json::Value out = json::Object{{"kind", hit.kind}, {"id", hit.id}, {"title", ToJson(hit.title)}};
  if (hit.subtitle != model::LText{}) out.Set("subtitle", ToJson(hit.subtitle));
  if (hit.place) out.Set("place", ToJson(*hit.place));
  if (hit.at) out.Set("at", FormatUtc(*hit.at));
  return out;
}

/// Best first; equal ones by title.
void KeepBest(std::vector<SearchHit>& hits, std::size_t limit) {
  const auto better = [](const SearchHit& a, const SearchHit& b) {
    return a.score != b.score ? a.score > b.score : (a.title.ko != b.title.ko ? a.title.ko < b.title.ko : a.id < b.id);
  };
  const std::size_t kept = std::min(limit, hits.size());
  std::ranges::partial_sort(hits, hits.begin() + static_cast<std::ptrdiff_t>(kept), better);
  hits.resize(kept);
}

std::optional<model::LatLon> PointOf(const json::Value& value) {
  const json::Value& numbers = value.IsObject() ? value["coordinates"] : value;
  if (numbers.AsArray().size() < 2) return std::nullopt;
  return model::LatLon{numbers.AsArray()[1].AsDouble(), numbers.AsArray()[0].AsDouble()};
}

/// A place or address of the city, ready to be compared.
struct Spot {
  const char* kind;
  std::string id;
  model::LText name;
  model::LText address;
  model::LatLon point;
};

std::vector<Spot> PlacesOf(const json::Value& city) {
  std::vector<Spot> spots;
  for (const auto& place : city["places"].AsArray()) {
    const auto point = PointOf(place["point"]);
    if (!point) continue;
    spots.push_back({"place", std::string(place["id"].AsString()), model::LTextFromJson(place["name"]),
                     model::LTextFromJson(place["address"]), *point});
  }
  return spots;
}

Result<void> ReadAddresses(const std::string& path, std::vector<Spot>& spots) {
  std::ifstream file{path};
  std::string line;
  for (std::size_t number = 1; spots.size() < kMaxAddresses && std::getline(file, line); ++number) {
    if (line.empty()) continue;
    const auto address = json::Parse(line);
    const auto point = address ? PointOf((*address)["point"]) : std::nullopt;
    if (!point)
      return Fail(Code::kInvalidArgument, "search.bad_address", "{}:{}: no address with a point", path, number);
    model::LText text{std::string((*address)["ko"].AsString()), std::string((*address)["en"].AsString())};
    spots.push_back({"address", std::string((*address)["id"].AsString()), text, {}, *point});
  }
  return {};
}

void Answer(const http::Respond& respond, std::vector<SearchHit> hits, std::size_t limit) {
  KeepBest(hits, limit);
  json::Array items;
  for (const auto& hit : hits) items.push_back(HitJson(hit));
  respond(http::JsonResponse(200, json::Object{{"items", json::Value{std::move(items)}}}));
}

void Search(const std::vector<SearchSource>& sources, const Call& call, http::Respond respond) {
  const auto typed = call.request.Query("q").value_or("");
  const SearchText text{typed};
  if (text.folded.empty() || typed.size() > kMaxText) {
    return respond(http::ProblemResponse(
        {Code::kInvalidArgument, "search.bad_query", fmt::format("q is a text of 1 to {} bytes", kMaxText)}));
  }
  const auto asked = LimitOf(call.request, 30, 100);
  if (!asked) return respond(http::ProblemResponse(asked.error()));
  const std::size_t limit = *asked;
  struct Round {
    std::vector<std::vector<SearchHit>> parts;
    std::atomic<std::size_t> left{0};
  };
  auto round = std::make_shared<Round>();
  round->parts.resize(sources.size());
  round->left = sources.size() + 1;
  const auto finish = [round, respond = std::move(respond), limit] {
    if (round->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    std::vector<SearchHit> all;
    for (auto& part : round->parts) std::ranges::move(part, std::back_inserter(all));
    Answer(respond, std::move(all), limit);
  };
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i](call.caller, text, limit, [round, finish, i](std::vector<SearchHit> hits) {
      round->parts[i] = std::move(hits);
      finish();
    });
  }
  finish();
}

}  // namespace

SearchSource EntitySource(ReplicaHere replica) {
  return [replica = std::move(replica)](const guard::Principal& caller, const SearchText& text, std::size_t limit,
                                        const SearchDone& done) {
    std::vector<SearchHit> hits;
    const context::Replica* here = replica();
    if (here == nullptr) return done({});
    here->ForEach(caller.tenant, {}, [&](const context::ReplicaEntity& entity) {
      const model::LText address = entity.point ? model::LTextFromJson(entity.attributes["address"]) : model::LText{};
      const int score = ScoreOf(text, entity.id, entity.name, address);
      if (score == 0) return;
      SearchHit hit{
          score,       entity.type == "Camera" ? "camera" : "asset", entity.id, entity.name, address, entity.place(),
          std::nullopt};
      if (hit.subtitle == model::LText{}) hit.subtitle.ko = entity.type;
      hits.push_back(std::move(hit));
    });
    KeepBest(hits, limit);
    done(std::move(hits));
  };
}

Result<SearchSource> CitySource(const json::Value& city, const std::string& addresses) {
  std::vector<Spot> spots = PlacesOf(city);
  if (!addresses.empty()) {
    BONGSU_CHECK(ReadAddresses(addresses, spots));
  }
  const auto held = std::make_shared<const std::vector<Spot>>(std::move(spots));
  return SearchSource{
      [held](const guard::Principal&, const SearchText& text, std::size_t limit, const SearchDone& done) {
        std::vector<SearchHit> hits;
        for (const Spot& spot : *held) {
          const int score = ScoreOf(text, spot.id, spot.name, spot.address);
          if (score == 0) continue;
          model::Place place;
          place.point = spot.point;
          place.name = spot.name;
          place.address = spot.kind == std::string_view{"address"} ? spot.name : spot.address;
          // Equipment comes before the thousands of addresses it stands at.
          hits.push_back({score - 1, spot.kind, spot.id, spot.name, spot.address, std::move(place), std::nullopt});
        }
        KeepBest(hits, limit);
        done(std::move(hits));
      }};
}

Routes SearchRoutes(std::vector<SearchSource> sources) {
  const auto held = std::make_shared<const std::vector<SearchSource>>(std::move(sources));
  return {{"GET", "/api/v1/search", guard::Permission::kReadPicture,
           [held](const Call& call, http::Respond respond) { Search(*held, call, std::move(respond)); }}};
}

}  // namespace bongsu::api
