// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/crs.hpp"

#include <proj.h>

#include <cmath>
#include <map>
#include <memory>

namespace bongsu::ingest {
namespace {

struct Deleter {
  void operator()(PJ* transform) const { proj_destroy(transform); }
  void operator()(PJ_CONTEXT* context) const { proj_context_destroy(context); }
};

/// PROJ objects belong to one thread; each shard keeps its own. At most as many as mappings name.
struct Transforms {
  std::unique_ptr<PJ_CONTEXT, Deleter> context{proj_context_create()};
  std::map<std::string, std::unique_ptr<PJ, Deleter>> by_name;

  PJ* Find(const std::string& crs) {
    const auto found = by_name.find(crs);
    if (found != by_name.end()) return found->second.get();
    proj_log_level(context.get(), PJ_LOG_NONE);
    std::unique_ptr<PJ, Deleter> made{proj_create_crs_to_crs(context.get(), crs.c_str(), "EPSG:4326", nullptr)};
    if (made)
      made.reset(proj_normalize_for_visualization(context.get(), std::unique_ptr<PJ, Deleter>{made.release()}.get()));
    if (by_name.size() >= 256) return nullptr;
    return by_name.emplace(crs, std::move(made)).first->second.get();
  }
};

PJ* FindTransform(const std::string& crs) {
  thread_local Transforms transforms;
  return transforms.Find(crs);
}

bool IsGeographic(const std::string& crs) { return crs.empty() || crs == "EPSG:4326"; }

}  // namespace

bool KnownCrs(const std::string& crs) { return IsGeographic(crs) || FindTransform(crs) != nullptr; }

Result<model::LatLon> ToWgs84(const std::string& crs, double x, double y) {
  model::LatLon point{y, x};
  if (!IsGeographic(crs)) {
    PJ* const transform = FindTransform(crs);
    if (transform == nullptr)
      return Fail(Code::kInvalidArgument, "place.bad_point", "coordinate system '{}' is not known", crs);
    const PJ_COORD out = proj_trans(transform, PJ_FWD, proj_coord(x, y, 0, 0));
    point = {out.xy.y, out.xy.x};
  }
  if (!std::isfinite(point.lat_deg) || !std::isfinite(point.lon_deg) || std::abs(point.lat_deg) > 180 ||
      std::abs(point.lon_deg) > 180) {
    return Fail(Code::kInvalidArgument, "place.bad_point", "({}, {}) is no place in {}", x, y,
                crs.empty() ? "EPSG:4326" : crs);
  }
  return point;
}

}  // namespace bongsu::ingest
