// SPDX-License-Identifier: Apache-2.0
import { call } from "@/shared/api/client";
import type { Operations } from "@/shared/api/contract.gen";
import { isMembers, listOf, read, type Page } from "@/shared/api/ngsi";
import { countOf, readBuckets, readSamples, stepFor, type History, type Span } from "./history";
import { readEntity, type Entity } from "./model";

export type Form = "normalized" | "concise" | "keyValues";

export interface EntityQuery {
  type: string;
  q: string | undefined;
  idPattern: string | undefined;
  newest: boolean;
  limit: number;
  offset: number;
}

const entitiesOf = (items: unknown): Entity[] => listOf(items).map(readEntity).filter((one) => one !== null);

export async function listTypes(signal: AbortSignal): Promise<string[]> {
  const { items } = await read<unknown>("/types", {}, signal);
  return isMembers(items) ? listOf(items["typeList"]).map(String) : [];
}

export const countEntities = async (type: string, signal: AbortSignal): Promise<number> =>
  (await read<unknown>("/entities", { type, limit: 0, count: true }, signal)).total ?? 0;

/** A page of a list: only what the list shows. */
export async function listEntities(query: EntityQuery, signal: AbortSignal): Promise<Page<Entity[]>> {
  const page = await read<unknown>("/entities", {
    type: query.type === "" ? "*" : query.type,
    q: query.q,
    idPattern: query.idPattern,
    orderBy: query.newest ? "modifiedAt;desc" : undefined,
    limit: query.limit,
    offset: query.offset,
    count: true,
    pick: "id,type,name,address,location",
    options: "sysAttrs",
  }, signal);
  return { ...page, items: entitiesOf(page.items) };
}

/** One entity, personal values masked; null when there is none. */
export async function lookAt(id: string, signal: AbortSignal): Promise<Entity | null> {
  const { items } = await read<unknown>("/entities", { id, local: true, options: "sysAttrs" }, signal);
  return entitiesOf(items)[0] ?? null;
}

/** The same with its personal values shown; the server writes down who looked. */
export async function openPersonal(id: string): Promise<Entity | null> {
  return readEntity((await read<unknown>(`/entities/${encodeURIComponent(id)}`, { options: "sysAttrs" })).items);
}

/** As it was known at that second. */
export const lookBack = async (id: string, asOf: string): Promise<Entity | null> => readEntity(await call("getEntityAsOf", { params: { id }, query: { asOf } }));

export async function readRaw(id: string, form: Form, signal: AbortSignal): Promise<unknown> {
  const { items } = await read<unknown>("/entities", { id, local: true, options: form === "normalized" ? undefined : form }, signal);
  return listOf(items)[0] ?? null;
}

export type Referrers = Operations["listReferrers"]["answer"];

/** Who holds a relationship to it: the first of each attribute and type. */
export const listReferrers = (id: string, signal: AbortSignal): Promise<Referrers> => call("listReferrers", { params: { id }, query: { limit: 5 }, signal });

/** Names of the entities that links lead to, by id. */
export async function listNamed(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Entity>> {
  const { items } = await read<unknown>("/entities", { id: ids.join(","), local: true, pick: "id,type,name", limit: ids.length }, signal);
  return new Map(entitiesOf(items).map((one) => [one.id, one]));
}

/** Above this many the numbers are drawn as sums of spans. */
const mostDrawn = 1500;
export const mostBuckets = 240;
/** Texts and switches cannot be summed up: of more than this only the newest are read. */
const mostStates = 2000;

export interface HistoryQuery {
  id: string;
  name: string;
  dataset: string | null;
  span: Span;
  /** By the time of measuring; else by when it was written down. */
  observed: boolean;
  numeric: boolean;
}

/** First how much there is and what it sums up to, then every value where they can all be drawn. */
export async function readHistory(query: HistoryQuery, signal: AbortSignal): Promise<History> {
  const step = stepFor(query.span.to - query.span.from, mostBuckets);
  const sums = await series(query, { options: "aggregatedValues", aggrMethods: query.numeric ? "totalCount,min,max,avg" : "totalCount", aggrPeriodDuration: `PT${step / 1000}S` }, signal);
  const buckets = readBuckets(sums, query.name, query.dataset);
  const total = countOf(buckets);
  if (!query.numeric) return readStates(query, total, signal);
  if (total > mostDrawn) return { kind: "sums", buckets: buckets.filter((one) => !Number.isNaN(one.avg)), total };
  const samples = readSamples(await series(query, { options: "temporalValues" }, signal), query.name, query.dataset);
  return { kind: "numbers", samples: samples.filter((one): one is { at: number; value: number } => typeof one.value === "number"), total };
}

/** States with the one that was there when the span began. */
async function readStates(query: HistoryQuery, total: number, signal: AbortSignal): Promise<History> {
  const [inside, before] = await Promise.all([
    series(query, { options: "temporalValues", lastN: mostStates }, signal),
    series(query, { options: "temporalValues", lastN: 1, timerel: "before", endTimeAt: undefined }, signal),
  ]);
  const samples = readSamples(inside, query.name, query.dataset);
  const cut = total > samples.length;
  return { kind: "states", samples: [...(cut ? [] : readSamples(before, query.name, query.dataset)), ...samples], total, cut };
}

async function series(query: HistoryQuery, more: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
  const { items } = await read<unknown>("/temporal/entities", {
    id: query.id,
    local: true,
    attrs: query.name,
    datasetId: query.dataset ?? undefined,
    timerel: "between",
    timeAt: instant(query.span.from),
    endTimeAt: instant(query.span.to),
    timeproperty: query.observed ? "observedAt" : "modifiedAt",
    ...more,
  }, signal);
  return listOf(items)[0] ?? null;
}

const instant = (ms: number): string => new Date(ms).toISOString();
