// SPDX-License-Identifier: Apache-2.0
// Times, ages and distances as an operator reads them.

const zoneOf = { ko: "ko-KR", en: "en-GB" } as const;

/** 00:08, 12:05, 1:02:03; two days and more in days. */
export function ageText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
  const rest = `${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
function clock(zone: string, withDate: boolean): Intl.DateTimeFormat {
  const key = `${zone}|${withDate}`;
  let format = clocks.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone,
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      ...(withDate ? { year: "numeric", month: "2-digit", day: "2-digit" } : {}),
    });
    clocks.set(key, format);
  }
  return format;
}

/** 14:32:41 in the city's own zone. */
export function timeText(at: string | number, zone: string): string {
  return clock(zone, false).format(typeof at === "number" ? at : Date.parse(at));
}

/** 2026-11-22 14:32:41 in the city's own zone. */
export function dateTimeText(at: string | number, zone: string): string {
  return clock(zone, true).format(typeof at === "number" ? at : Date.parse(at));
}

/** The times of a text of the server in the city's own zone: "since 2026-11-22T05:32:41Z" is "since 2026-11-22 14:32:41". */
export const withLocalTimes = (text: string, zone: string): string =>
  text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (at) => dateTimeText(at, zone));

/** 42 m, 1.4 km. */
export function distanceText(metres: number): string {
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`;
}

export function numberText(value: number, language: "ko" | "en"): string {
  return new Intl.NumberFormat(zoneOf[language]).format(value);
}

export const compassPoints = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
export type CompassPoint = (typeof compassPoints)[number];

/** The eighth of the compass a bearing (degrees clockwise from north) falls in. */
export function compass(bearing: number): CompassPoint {
  const eighth = Math.round((((bearing % 360) + 360) % 360) / 45) % 8;
  return compassPoints[eighth] ?? "n";
}

/** Shift of a time by the usual 06 / 14 / 22 h pattern. */
export function shiftOf(ms: number, zone: string): "day" | "evening" | "night" {
  const hour = Number(timeText(ms, zone).slice(0, 2));
  if (hour >= 6 && hour < 14) return "day";
  return hour >= 14 && hour < 22 ? "evening" : "night";
}
