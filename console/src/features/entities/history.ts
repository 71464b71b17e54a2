// SPDX-License-Identifier: Apache-2.0
// The history of one attribute, made ready to be drawn and read out. Times are ms since the epoch.
import { isMembers, listOf, type Members } from "@/shared/api/ngsi";

export interface Sample {
  at: number;
  value: unknown;
}

/** What a span of time sums up to. */
export interface Bucket {
  from: number;
  to: number;
  count: number;
  min: number;
  max: number;
  avg: number;
}

export interface Span {
  from: number;
  to: number;
}

export type History =
  | { kind: "numbers"; samples: readonly { at: number; value: number }[]; total: number }
  | { kind: "sums"; buckets: readonly Bucket[]; total: number }
  /** `cut`: only the newest of them were read. */
  | { kind: "states"; samples: readonly Sample[]; total: number; cut: boolean };

export const presets = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000, year: 365 * 86_400_000 } as const;
export type Preset = keyof typeof presets;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [second, 2 * second, 5 * second, 10 * second, 30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 5 * day, 10 * day, 30 * day];

/** The shortest step that cuts the span into at most so many parts. */
export const stepFor = (spanMs: number, most: number): number => steps.find((step) => spanMs / step <= most) ?? Math.ceil(spanMs / most / day) * day;

const members = ["values", "objects", "languageMaps", "valueLists", "objectLists", "vocabs", "jsons"] as const;

/** The instances of an attribute in an answer with `temporalValues`, oldest first. */
export function readSamples(entity: unknown, name: string, dataset: string | null): Sample[] {
  const series = seriesOf(entity, name, dataset);
  const rows = series === null ? [] : listOf(members.map((one) => series[one]).find((one) => one !== undefined));
  return rows
    .filter((row): row is [unknown, string] => Array.isArray(row) && typeof row[1] === "string")
    .map(([value, at]) => ({ at: Date.parse(at), value }))
    .sort((a, b) => a.at - b.at);
}

function seriesOf(entity: unknown, name: string, dataset: string | null): Members | null {
  if (!isMembers(entity)) return null;
  const all = listOf(entity[name]).filter(isMembers);
  return all.find((one) => (one["datasetId"] ?? null) === dataset) ?? null;
}

/** The sums in an answer with `aggregatedValues`; what has no numbers has counts alone. */
export function readBuckets(entity: unknown, name: string, dataset: string | null): Bucket[] {
  const series = seriesOf(entity, name, dataset);
  if (series === null) return [];
  const column = (method: string) =>
    new Map(listOf(series[method]).filter((row): row is [unknown, string, string] => Array.isArray(row)).map(([value, from]) => [from, typeof value === "number" ? value : Number.NaN]));
  const [min, max, avg] = [column("min"), column("max"), column("avg")];
  return listOf(series["totalCount"])
    .filter((row): row is [number, string, string] => Array.isArray(row) && typeof row[0] === "number")
    .map(([count, from, to]) => ({ from: Date.parse(from), to: Date.parse(to), count, min: min.get(from) ?? Number.NaN, max: max.get(from) ?? Number.NaN, avg: avg.get(from) ?? Number.NaN }));
}

export const countOf = (buckets: readonly Bucket[]): number => buckets.reduce((sum, one) => sum + one.count, 0);

export interface Summary {
  min: number;
  max: number;
  avg: number;
}

export function summaryOf(history: History): Summary | null {
  if (history.kind === "states" || history.total === 0) return null;
  if (history.kind === "numbers") {
    const values = history.samples.map((one) => one.value);
    if (values.length === 0) return null;
    return { min: Math.min(...values), max: Math.max(...values), avg: values.reduce((sum, one) => sum + one, 0) / values.length };
  }
  const { buckets } = history;
  return {
    min: Math.min(...buckets.map((one) => one.min)),
    max: Math.max(...buckets.map((one) => one.max)),
    avg: buckets.reduce((sum, one) => sum + one.avg * one.count, 0) / countOf(buckets),
  };
}

/** Share of the intervals that must lie near the middle one before the source counts as regular. */
const regularShare = 0.6;

/** How long a regular source may say nothing before that is a gap; Infinity for one that reports when it likes. */
export function gapAfterMs(times: readonly number[]): number {
  const intervals = times.slice(1).map((at, i) => at - (times[i] ?? at)).filter((one) => one > 0);
  if (intervals.length < 3) return Number.POSITIVE_INFINITY;
  const middle = [...intervals].sort((a, b) => a - b)[Math.floor(intervals.length / 2)] ?? 0;
  const near = intervals.filter((one) => one >= middle / 2 && one <= middle * 2).length;
  return near / intervals.length >= regularShare ? middle * 3 : Number.POSITIVE_INFINITY;
}

/** Cuts a run of things wherever one comes too long after the other. */
export function runsOf<T>(items: readonly T[], endOf: (item: T) => number, startOf: (item: T) => number, gapMs: number): T[][] {
  const runs: T[][] = [];
  for (const item of items) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run === undefined || last === undefined || startOf(item) - endOf(last) > gapMs) runs.push([item]);
    else run.push(item);
  }
  return runs;
}

export interface Band {
  from: number;
  to: number;
  text: string;
}

/** States as bands: each lasts until the next value, or until a regular source has been silent for too long. */
export function bandsOf(samples: readonly Sample[], span: Span, now: number, say: (value: unknown) => string): Band[] {
  const gap = gapAfterMs(samples.map((one) => one.at));
  const bands: Band[] = [];
  for (const [i, sample] of samples.entries()) {
    const next = samples[i + 1]?.at ?? Math.min(span.to, now);
    const to = Math.min(next - sample.at > gap ? sample.at + gap : next, span.to);
    const from = Math.max(sample.at, span.from);
    if (to < from) continue;
    const text = say(sample.value);
    const last = bands.at(-1);
    if (last !== undefined && last.text === text && last.to === from) last.to = to;
    else bands.push({ from, to, text });
  }
  return bands;
}

/** A number with that many digits that say something; what stands before the point is never rounded away. */
export function rounded(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  return Number(value.toPrecision(Math.min(100, Math.max(digits, Math.floor(Math.log10(Math.abs(value))) + 1))));
}

/** Round numbers that span everything between the ends; room on both sides of a value that never moved. */
export function valueTicks(min: number, max: number, about: number): number[] {
  if (min === max) return valueTicks(min - (Math.abs(min) * 0.05 || 1), max + (Math.abs(max) * 0.05 || 1), about);
  const rough = (max - min) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? power;
  const first = Math.floor(min / step + 1e-9) * step;
  const ticks: number[] = [];
  for (let i = 0; i < 50; i++) {
    const tick = Number((first + i * step).toPrecision(12));
    ticks.push(tick);
    if (tick >= max - step * 1e-9 && ticks.length > 1) break;
  }
  return ticks;
}

/** How far the zone is from UTC at that time. */
export function zoneOffsetMs(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const there = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return there - Math.floor(at / 1000) * 1000;
}

/** Times of the city's own clock: full minutes, hours, midnights. */
export function timeTicks(span: Span, zone: string, most: number): { at: number; day: boolean }[] {
  const step = stepFor(span.to - span.from, most);
  const ticks: { at: number; day: boolean }[] = [];
  const offset = zoneOffsetMs(span.from, zone);
  for (let at = Math.ceil((span.from + offset) / step) * step - offset; at <= span.to; at += step) {
    ticks.push({ at, day: step >= day || (at + zoneOffsetMs(at, zone)) % day === 0 });
  }
  return ticks;
}

/** The span made so much longer that what it is cut into begins at full hours and days of the city's clock. */
export function aligned(span: Span, zone: string, most: number): Span {
  const step = stepFor(span.to - span.from, most);
  const offset = zoneOffsetMs(span.from, zone);
  return { from: Math.floor((span.from + offset) / step) * step - offset, to: span.to };
}

/** A time written in the city's zone ("2026-11-22T10:05:48", as date fields give it) as ms; null when it is none. */
export function timeIn(zone: string, local: string): number | null {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return null;
  return asUtc - zoneOffsetMs(asUtc - zoneOffsetMs(asUtc, zone), zone);
}

/** Index of the item whose time is nearest. */
export function nearest(times: readonly number[], at: number): number {
  let best = 0;
  for (const [i, time] of times.entries()) if (Math.abs(time - at) < Math.abs((times[best] ?? time) - at)) best = i;
  return best;
}
