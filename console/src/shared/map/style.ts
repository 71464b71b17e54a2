// SPDX-License-Identifier: Apache-2.0
// The basemap: everything normal is grey, no saturated hue below the data. Both themes come from one table of tones.
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { City } from "@/shared/api/contract.gen";

export type Theme = "night" | "day";

interface Tones {
  ground: string;
  water: string;
  park: string;
  built: string;
  building: string;
  buildingEdge: string;
  minor: string;
  tertiary: string;
  secondary: string;
  primary: string;
  casing: string;
  rail: string;
  roadText: string;
  placeText: string;
  poiText: string;
  boundary: string;
  ring: string;
  sector: string;
}

export const tones: Record<Theme, Tones> = {
  night: {
    ground: "#15191d",
    water: "#0e1822",
    park: "#182019",
    built: "#181c21",
    building: "#1e2329",
    buildingEdge: "#272d34",
    minor: "#272d34",
    tertiary: "#2e353d",
    secondary: "#363f48",
    primary: "#414b55",
    casing: "#101418",
    rail: "#333a42",
    roadText: "#8793a0",
    placeText: "#b9c3cc",
    poiText: "#8793a0",
    boundary: "#4b5661",
    ring: "#d7dde3",
    sector: "#d7dde3",
  },
  day: {
    ground: "#dfe2e4",
    water: "#c3ccd4",
    park: "#d2d9cf",
    built: "#d9dcdf",
    building: "#cfd3d7",
    buildingEdge: "#bfc5ca",
    minor: "#eceeef",
    tertiary: "#f1f2f3",
    secondary: "#f6f7f7",
    primary: "#fbfbfb",
    casing: "#b9c0c6",
    rail: "#aab2b9",
    roadText: "#4a545d",
    placeText: "#252c33",
    poiText: "#4f5a64",
    boundary: "#8b959e",
    ring: "#1b2127",
    sector: "#1b2127",
  },
};

/** MapLibre draws glyphs itself from this font; none is fetched. */
export const mapFont = "Noto Sans KR Variable";

type Expression = [string, ...unknown[]];

const byZoom = (...stops: number[]): Expression => ["interpolate", ["exponential", 1.5], ["zoom"], ...stops];

function nameIn(language: "ko" | "en"): Expression {
  return ["coalesce", ["get", `name:${language}`], ["get", "name"], ["get", "name:ko"]];
}

const classIs = (...words: string[]): Expression => ["match", ["get", "class"], words, true, false];

function roads(t: Tones): LayerSpecification[] {
  const kinds: [string, string[], string, number[], number][] = [
    ["minor", ["residential", "path", "service"], t.minor, [12, 0.4, 15, 3, 18, 14], 12.5],
    ["tertiary", ["tertiary"], t.tertiary, [11, 0.5, 15, 4.5, 18, 18], 11],
    ["secondary", ["secondary"], t.secondary, [10, 0.7, 15, 6, 18, 22], 9],
    ["primary", ["primary", "trunk", "motorway"], t.primary, [8, 0.8, 15, 8, 18, 28], 0],
  ];
  const line = (id: string, classes: string[], colour: string, width: number[], minzoom: number, wider: number) => ({
    id,
    type: "line",
    source: "base",
    "source-layer": "roads",
    minzoom,
    filter: classIs(...classes),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-color": colour,
      "line-width": byZoom(...width.map((value, i) => (i % 2 ? value + wider : value))),
      "line-opacity": ["match", ["get", "tunnel"], 1, 0.45, 1],
    },
  });
  return [
    ...kinds.map(([id, classes, , width, min]) => line(`casing-${id}`, classes, t.casing, width, Math.max(min, 12.5), 1.6)),
    ...kinds.map(([id, classes, colour, width, min]) => line(`road-${id}`, classes, colour, width, min, 0)),
  ] as unknown as LayerSpecification[];
}

function labels(t: Tones, language: "ko" | "en"): LayerSpecification[] {
  const halo = { "text-halo-color": t.ground, "text-halo-width": 1.4 };
  const text = { "text-field": nameIn(language), "text-font": [mapFont] };
  return [
    {
      id: "road-name",
      type: "symbol",
      source: "base",
      "source-layer": "road_names",
      minzoom: 12.5,
      layout: {
        ...text,
        "symbol-placement": "line",
        "symbol-spacing": 420,
        "text-size": ["interpolate", ["linear"], ["zoom"], 13, 12, 17, 15],
        "text-padding": 6,
      },
      paint: { "text-color": t.roadText, ...halo },
    },
    {
      id: "poi-name",
      type: "symbol",
      source: "base",
      "source-layer": "poi",
      minzoom: 13.5,
      layout: {
        ...text,
        "text-size": ["interpolate", ["linear"], ["zoom"], 14, 13, 17, 15],
        "text-max-width": 8,
        "text-padding": 8,
        "symbol-sort-key": ["coalesce", ["get", "rank"], 9],
      },
      paint: { "text-color": t.poiText, ...halo },
    },
    {
      id: "place-name",
      type: "symbol",
      source: "base",
      "source-layer": "place",
      layout: {
        ...text,
        "text-size": ["match", ["get", "class"], "city", 20, ["hill", "water"], 13, 17],
        "text-letter-spacing": 0.04,
        "text-padding": 6,
      },
      paint: { "text-color": t.placeText, ...halo },
    },
  ] as unknown as LayerSpecification[];
}

function ground(t: Tones): LayerSpecification[] {
  const fill = (id: string, layer: string, colour: unknown, extra: object = {}) => ({
    id,
    type: "fill",
    source: "base",
    "source-layer": layer,
    paint: { "fill-color": colour, "fill-antialias": true },
    ...extra,
  });
  return [
    fill("landuse", "landuse", ["match", ["get", "class"], ["park", "forest", "pitch", "farm"], t.park, t.built]),
    fill("water", "water", t.water),
    {
      ...fill("building", "building", t.building, { minzoom: 13 }),
      paint: { "fill-color": t.building, "fill-outline-color": t.buildingEdge },
    },
  ] as unknown as LayerSpecification[];
}

function lines(t: Tones): LayerSpecification[] {
  return [
    {
      id: "rail",
      type: "line",
      source: "base",
      "source-layer": "rail",
      paint: { "line-color": t.rail, "line-width": byZoom(10, 0.8, 16, 3), "line-dasharray": [4, 2] },
    },
    {
      id: "boundary",
      type: "line",
      source: "base",
      "source-layer": "boundary",
      paint: { "line-color": t.boundary, "line-width": 1, "line-opacity": 0.55, "line-dasharray": [3, 4] },
    },
  ] as unknown as LayerSpecification[];
}

/** Without a tile set the city is its boundary and its districts on an empty ground. */
function outline(city: City, t: Tones, language: "ko" | "en"): { sources: StyleSpecification["sources"]; layers: LayerSpecification[] } {
  const features = city.districts.flatMap((district) => [
    ...(district.boundary ? [{ type: "Feature", geometry: geometryOf(district.boundary), properties: {} }] : []),
    ...(district.center
      ? [{
          type: "Feature",
          geometry: { type: "Point", coordinates: district.center },
          properties: { name: language === "en" ? (district.name.en ?? district.name.ko) : district.name.ko },
        }]
      : []),
  ]);
  if (city.boundary) features.push({ type: "Feature", geometry: geometryOf(city.boundary), properties: {} });
  const data = { type: "FeatureCollection", features } as GeoJSON.FeatureCollection;
  return {
    sources: { outline: { type: "geojson", data } },
    layers: [
      { id: "outline", type: "line", source: "outline", paint: { "line-color": t.boundary, "line-width": 1.2 } },
      {
        id: "outline-name",
        type: "symbol",
        source: "outline",
        filter: ["has", "name"],
        layout: { "text-field": ["get", "name"], "text-font": [mapFont], "text-size": 16 },
        paint: { "text-color": t.placeText },
      },
    ] as unknown as LayerSpecification[],
  };
}

function geometryOf(boundary: Record<string, unknown>): unknown {
  return boundary["type"] === "Feature" ? boundary["geometry"] : boundary;
}

export function cityStyle(city: City | null, theme: Theme, language: "ko" | "en", origin: string): StyleSpecification {
  const t = tones[theme];
  const background: LayerSpecification = { id: "ground", type: "background", paint: { "background-color": t.ground } };
  if (city === null) return { version: 8, sources: {}, layers: [background] };
  if (city.tiles === null) {
    const { sources, layers } = outline(city, t, language);
    return { version: 8, sources, layers: [background, ...layers] };
  }
  const { set, rev, minzoom, maxzoom } = city.tiles;
  return {
    version: 8,
    sources: {
      base: {
        type: "vector",
        tiles: [`${origin}/tiles/${encodeURIComponent(set)}/{z}/{x}/{y}?rev=${encodeURIComponent(rev)}`],
        minzoom,
        maxzoom,
        bounds: city.bounds,
      },
    },
    layers: [background, ...ground(t), ...lines(t), ...roads(t), ...labels(t, language)],
  };
}
