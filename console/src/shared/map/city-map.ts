// SPDX-License-Identifier: Apache-2.0
// The map as the console uses it: basemap, objects, alarms, the surroundings of one alarm.
import { Map as MapLibre, Marker, ScaleControl, setWorkerUrl, type GeoJSONSource } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { CameraPick, City } from "@/shared/api/contract.gen";
import type { BinaryFrame, DictionaryEntry } from "@/shared/live/frames";
import { circle, latOf, lonOf, mercatorX, mercatorY, move, sector } from "./mercator";
import { ObjectSet } from "./object-set";
import { PointLayer, stateColours } from "./point-layer";
import { cityStyle, mapFont, tones, type Theme } from "./style";

setWorkerUrl(workerUrl);

export interface MapAlarm {
  id: string;
  lon: number;
  lat: number;
  severity: 1 | 2 | 3 | 4;
  unanswered: boolean;
  label: string;
  total: number;
}

export interface MapFocus {
  lon: number;
  lat: number;
  cameras: readonly CameraPick[];
  rings: boolean;
}

export interface MapCallbacks {
  openAlarm: (id: string) => void;
  /** Debounced; west, south, east, north. */
  moved: (bbox: [number, number, number, number], zoom: number) => void;
  pickedObject: (object: { entry: DictionaryEntry; lon: number; lat: number; x: number; y: number } | null) => void;
  glyph: (severity: 1 | 2 | 3 | 4, filled: boolean) => SVGSVGElement;
}

const noCity = { center: [127.5, 36.5] as [number, number], zoom: 6 };
const viewDebounceMs = 150;
/** Alarms drawn as buttons of their own; beyond that they are points of the object layer. */
const mostMarkers = 250;
const pickReachPx = 9;

/** Labels are rasterised when first drawn: the font must be there before the map is. */
export async function loadMapFont(): Promise<void> {
  const wanted = ["400 16px", "600 16px"].map((font) => document.fonts.load(`${font} "${mapFont}"`, "시장로한빛동0123 Ag"));
  await Promise.race([Promise.all(wanted), new Promise((done) => setTimeout(done, 2500))]).catch(() => undefined);
}

export class CityMap {
  readonly map: MapLibre;
  readonly objects: ObjectSet;
  readonly #layer: PointLayer;
  readonly #call: MapCallbacks;
  readonly #alarms = new Map<string, { marker: Marker; key: string }>();
  #badges: Marker[] = [];
  #target: Marker | null = null;
  #theme: Theme;
  #focus: MapFocus | null = null;
  #selected: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(container: HTMLElement, city: City | null, theme: Theme, language: "ko" | "en", label: string, call: MapCallbacks) {
    this.#theme = theme;
    this.#call = call;
    const center = city?.center ?? noCity.center;
    this.objects = new ObjectSet(mercatorX(center[0]), mercatorY(center[1]));
    this.#layer = new PointLayer(this.objects);
    this.map = new MapLibre({
      container,
      style: cityStyle(city, theme, language, location.origin),
      center,
      zoom: city?.zoom ?? noCity.zoom,
      minZoom: 11,
      maxZoom: 19.5,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      locale: { "Map.Title": label },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
    this.map.on("style.load", () => this.#dress());
    this.map.on("move", () => this.#soon());
    this.map.on("load", () => this.#tell());
    this.map.on("click", (event) => this.#pick(event.lngLat.lng, event.lngLat.lat, event.point.x, event.point.y));
  }

  remove(): void {
    clearTimeout(this.#timer);
    this.map.remove();
  }

  look(city: City | null, theme: Theme, language: "ko" | "en"): void {
    this.#theme = theme;
    this.map.setStyle(cityStyle(city, theme, language, location.origin), { diff: false });
  }

  /** In board order: that is also the order in which Tab walks them. */
  setAlarms(alarms: readonly MapAlarm[]): void {
    const wanted = new Set<string>();
    for (const alarm of alarms.slice(0, mostMarkers)) {
      wanted.add(alarm.id);
      const key = `${alarm.severity}|${alarm.unanswered}|${alarm.label}|${alarm.total}|${alarm.lon}|${alarm.lat}`;
      const shown = this.#alarms.get(alarm.id);
      if (shown?.key === key) continue;
      shown?.marker.remove();
      const marker = new Marker({ element: this.#button(alarm) }).setLngLat([alarm.lon, alarm.lat]).addTo(this.map);
      this.#alarms.set(alarm.id, { marker, key });
    }
    for (const [id, { marker }] of this.#alarms) {
      if (wanted.has(id)) continue;
      marker.remove();
      this.#alarms.delete(id);
    }
    this.#markSelected();
  }

  #button(alarm: MapAlarm): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `alarm-marker s${alarm.severity}${alarm.unanswered ? " unanswered" : ""}`;
    button.dataset["testid"] = `marker-${alarm.id}`;
    button.setAttribute("aria-label", alarm.label);
    button.title = alarm.label;
    button.append(this.#call.glyph(alarm.severity, alarm.unanswered));
    if (alarm.total > 1) button.dataset["count"] = `×${alarm.total}`;
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.#call.openAlarm(alarm.id);
    });
    return button;
  }

  select(id: string | null): void {
    this.#selected = id;
    this.#markSelected();
  }

  #markSelected(): void {
    for (const [id, { marker }] of this.#alarms) marker.getElement().classList.toggle("selected", id === this.#selected);
  }

  /** Rings, chosen cameras and their view sectors around one alarm. */
  setFocus(focus: MapFocus | null): void {
    this.#focus = focus;
    for (const badge of this.#badges) badge.remove();
    const offsets = badgeOffsets(focus?.cameras ?? []);
    this.#badges = (focus?.cameras ?? []).map((camera, i) => {
      const at = cameraPoint(focus as MapFocus, camera);
      const element = document.createElement("div");
      element.className = `camera-badge${camera.in_view ? " sees" : ""}`;
      element.textContent = String(i + 1);
      element.dataset["testid"] = `badge-${i + 1}`;
      return new Marker({ element, offset: offsets[i] ?? [0, 0] }).setLngLat(at).addTo(this.map);
    });
    this.#target?.remove();
    this.#target = null;
    this.#drawFocus();
  }

  #drawFocus(): void {
    const source = this.map.getSource<GeoJSONSource>("focus");
    source?.setData(focusShapes(this.#focus));
  }

  /** Shows the alarm and its cameras together. */
  fit(focus: MapFocus, quick = false): void {
    const points = [[focus.lon, focus.lat] as [number, number], ...focus.cameras.map((camera) => cameraPoint(focus, camera))];
    const lons = points.map((point) => point[0]);
    const lats = points.map((point) => point[1]);
    const bounds: [number, number, number, number] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
    this.map.fitBounds(bounds, { padding: 150, maxZoom: 16, duration: quick ? 0 : 400 });
  }

  flyTo(lon: number, lat: number, zoom = 15.5): void {
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), zoom), duration: 400 });
  }

  /** Whether a point is comfortably inside the view, away from its rim. */
  shows(lon: number, lat: number): boolean {
    const point = this.map.project([lon, lat]);
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    return point.x > 160 && point.y > 120 && point.x < width - 160 && point.y < height - 160;
  }

  zoomBy(step: number): void {
    this.map.zoomTo(this.map.getZoom() + step, { duration: 200 });
  }

  get center(): { lon: number; lat: number } {
    const { lng, lat } = this.map.getCenter();
    return { lon: lng, lat };
  }

  binary(frame: BinaryFrame): void {
    if (this.objects.apply(frame)) this.#layer.changed();
  }

  showObjects(visible: boolean): void {
    this.#layer.visible = visible;
    this.map.triggerRepaint();
  }

  #dress(): void {
    const t = tones[this.#theme];
    const night = this.#theme === "night";
    this.map.addSource("focus", { type: "geojson", data: focusShapes(this.#focus) });
    const is = (kind: string) => ["==", ["get", "kind"], kind] as unknown as boolean;
    this.map.addLayer({
      id: "focus-sector",
      type: "fill",
      source: "focus",
      filter: is("sector"),
      paint: { "fill-color": t.sector, "fill-opacity": ["case", ["get", "sees"], night ? 0.16 : 0.14, night ? 0.06 : 0.05] },
    });
    this.map.addLayer({
      id: "focus-sector-edge",
      type: "line",
      source: "focus",
      filter: is("sector"),
      paint: { "line-color": t.sector, "line-width": 1, "line-opacity": ["case", ["get", "sees"], 0.6, 0.25] },
    });
    this.map.addLayer({
      id: "focus-ring",
      type: "line",
      source: "focus",
      filter: is("ring"),
      paint: { "line-color": t.ring, "line-width": 1.6, "line-opacity": 0.8, "line-dasharray": [3, 3] },
    });
    this.map.addLayer({
      id: "focus-ring-name",
      type: "symbol",
      source: "focus",
      filter: is("ring-name"),
      layout: { "text-field": ["get", "name"], "text-font": [mapFont], "text-size": 13, "text-allow-overlap": true },
      paint: { "text-color": t.ring, "text-halo-color": t.ground, "text-halo-width": 2 },
    });
    this.#layer.colours = night ? stateColours("#8796a4", "#56626d") : stateColours("#5d6974", "#98a2ab");
    this.#layer.edge = night ? new Float32Array([0.06, 0.08, 0.09, 0.55]) : new Float32Array([0.94, 0.95, 0.95, 0.6]);
    this.map.addLayer(this.#layer, "focus-sector");
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), viewDebounceMs);
  }

  #tell(): void {
    const bounds = this.map.getBounds();
    this.#call.moved([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], this.map.getZoom());
  }

  #pick(lon: number, lat: number, x: number, y: number): void {
    const unitsPerPixel = 1 / (512 * 2 ** this.map.getZoom());
    const found = this.objects.pick(mercatorX(lon), mercatorY(lat), pickReachPx * unitsPerPixel);
    const entry = found === null ? undefined : this.objects.nameOf(found.handle);
    if (found === null || entry === undefined) return this.#call.pickedObject(null);
    this.#call.pickedObject({ entry, lon: lonOf(found.x), lat: latOf(found.y), x, y });
  }
}

/**
 * Cameras that stand at the alarm would hide under it and under each other: the number of each moves to the side it
 * looks to, or to the next side that is free.
 */
export function badgeOffsets(cameras: readonly Pick<CameraPick, "distance_m" | "azimuth_deg" | "bearing_deg">[]): [number, number][] {
  const taken: number[] = [];
  return cameras.map((camera) => {
    if (camera.distance_m > 45) return [0, 0];
    let side = Math.round((((camera.azimuth_deg ?? camera.bearing_deg) % 360) + 360) / 45) % 8;
    while (taken.includes(side) && taken.length < 8) side = (side + 1) % 8;
    taken.push(side);
    const to = (side * Math.PI) / 4;
    return [Math.round(Math.sin(to) * 38), Math.round(-Math.cos(to) * 38)];
  });
}

function cameraPoint(focus: MapFocus, camera: CameraPick): [number, number] {
  if (camera.place) return [camera.place.lon, camera.place.lat];
  return move(focus.lon, focus.lat, camera.bearing_deg, camera.distance_m);
}

function focusShapes(focus: MapFocus | null): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  if (focus !== null) {
    for (const camera of focus.cameras) {
      if (camera.azimuth_deg === undefined || camera.fov_deg === undefined) continue;
      const [lon, lat] = cameraPoint(focus, camera);
      const ring = sector(lon, lat, camera.azimuth_deg, camera.fov_deg, camera.range_m ?? 80);
      features.push(feature({ type: "Polygon", coordinates: [ring] }, { kind: "sector", sees: camera.in_view }));
    }
    for (const metres of focus.rings ? [300, 500] : []) {
      features.push(feature({ type: "LineString", coordinates: circle(focus.lon, focus.lat, metres) }, { kind: "ring" }));
      const top = move(focus.lon, focus.lat, 0, metres);
      features.push(feature({ type: "Point", coordinates: top }, { kind: "ring-name", name: `${metres} m` }));
    }
  }
  return { type: "FeatureCollection", features };
}

function feature(geometry: GeoJSON.Geometry, properties: Record<string, unknown>): GeoJSON.Feature {
  return { type: "Feature", geometry, properties };
}
