// SPDX-License-Identifier: Apache-2.0
import { call } from "@/shared/api/client";
import { isMembers, listOf, read, type Page } from "@/shared/api/ngsi";
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

/** Names of the entities that links lead to, by id. */
export async function listNamed(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Entity>> {
  const { items } = await read<unknown>("/entities", { id: ids.join(","), local: true, pick: "id,type,name", limit: ids.length }, signal);
  return new Map(entitiesOf(items).map((one) => [one.id, one]));
}
