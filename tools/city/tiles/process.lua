-- SPDX-License-Identifier: Apache-2.0
-- OSM tags of the demo city (or of an OSM extract) -> our own tile schema, docs/formats/demo-city.md section 6.
-- tilemaker 2 hands the object over (way:Find), tilemaker 3 has global functions (Find): `api` hides the difference.

node_keys = { "place", "poi" }

local function api(object)
  if object then
    return {
      find = function(key) return object:Find(key) end,
      layer = function(name, is_area) object:Layer(name, is_area) end,
      text = function(key, value) object:Attribute(key, value) end,
      number = function(key, value) object:AttributeNumeric(key, value) end,
      zoom = function(z) object:MinZoom(z) end,
    }
  end
  return {
    find = function(key) return Find(key) end,
    layer = function(name, is_area) Layer(name, is_area) end,
    text = function(key, value) Attribute(key, value) end,
    number = function(key, value) AttributeNumeric(key, value) end,
    zoom = function(z) MinZoom(z) end,
  }
end

local function names(o)
  for _, key in ipairs({ "name", "name:ko", "name:en" }) do
    local value = o.find(key)
    if value ~= "" then o.text(key, value) end
  end
end

-- zoom at which a rank of a label first shows
local place_zoom = { city = { 8 }, dong = { 11, 11, 12 }, hill = { 11, 11, 12, 13 }, water = { 9, 10, 11, 13 } }
local poi_zoom = { 12, 13, 14 }

function node_function(node)
  local o = api(node)
  local place, poi = o.find("place"), o.find("poi")
  local rank = tonumber(o.find("rank")) or 3
  if place ~= "" then
    o.layer("place", false)
    o.text("class", place)
    o.number("rank", rank)
    names(o)
    local zooms = place_zoom[place] or { 12 }
    o.zoom(zooms[math.min(rank, #zooms)])
    if o.find("ele") ~= "" then o.number("ele", tonumber(o.find("ele"))) end
  elseif poi ~= "" then
    o.layer("poi", false)
    o.text("class", poi)
    o.number("rank", rank)
    names(o)
    o.zoom(poi_zoom[math.min(rank, 3)])
  end
end

local road_zoom = { motorway = 8, trunk = 8, primary = 9, secondary = 11, tertiary = 12, residential = 13, path = 14 }
local name_zoom = { motorway = 12, trunk = 12, primary = 12, secondary = 13, tertiary = 14, residential = 15, path = 15 }
local landuse_zoom = { forest = 8, farm = 12, beach = 11, pitch = 14, parking = 14, residential = 13, commercial = 12 }

local function road(o, class)
  o.layer("roads", false)
  o.text("class", class)
  o.number("bridge", o.find("bridge") == "yes" and 1 or 0)
  o.number("tunnel", o.find("tunnel") == "yes" and 1 or 0)
  o.zoom(road_zoom[class] or 13)
  if o.find("name") ~= "" then
    o.layer("road_names", false)
    o.text("class", class)
    names(o)
    o.zoom(name_zoom[class] or 15)
  end
end

function way_function(way)
  local o = api(way)
  local water, landuse, building = o.find("water"), o.find("landuse"), o.find("building")
  local highway, boundary = o.find("highway"), o.find("boundary")
  if building ~= "" then
    o.layer("building", true)
    o.text("class", building)
    o.number("height", tonumber(o.find("height")) or 6)
    o.zoom(building == "house" and 14 or 13)
  elseif water ~= "" then
    o.layer("water", true)
    o.text("class", water)
    names(o)
    o.zoom((water == "sea" or water == "river") and 8 or 11)
  elseif landuse ~= "" then
    o.layer("landuse", true)
    o.text("class", landuse)
    o.zoom(landuse_zoom[landuse] or 11)
  elseif highway ~= "" then
    road(o, highway)
  elseif o.find("railway") == "rail" then
    o.layer("rail", false)
    o.text("class", "rail")
  elseif boundary == "city" or boundary == "dong" then
    o.layer("boundary", false)
    o.text("class", boundary)
    o.zoom(boundary == "city" and 8 or 11)
  end
end
