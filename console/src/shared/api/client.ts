// SPDX-License-Identifier: Apache-2.0
// The one way to the server: typed by the contract, carries the CSRF token, turns problem+json into an Error.
import { routes, type Operations, type Person, type Problem } from "./contract.gen";

export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly owner: Person | undefined;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? String(status));
    this.name = "ApiError";
    this.status = status;
    this.reason = problem.reason ?? ngsiReason(problem.type);
    this.owner = problem.owner;
  }
}

/** What was asked for is refused for what it is; a busy server or an ended session is another matter. */
export const isRefusal = (error: ApiError): boolean => error.status >= 400 && error.status < 500 && error.status !== 401 && error.status !== 408 && error.status !== 429;

/** NGSI-LD names its errors by address: …/errors/TooComplexQuery is ngsi.TooComplexQuery. */
function ngsiReason(type: string | undefined): string {
  const name = /^https:\/\/uri\.etsi\.org\/ngsi-ld\/errors\/(\w+)$/.exec(type ?? "")?.[1];
  return name === undefined ? "" : `ngsi.${name}`;
}

/** The server could not be reached at all; what was asked may be asked again. */
export class Unreachable extends Error {}

/** Told on the window when the server answers again after it could not be reached. */
export const reachable = "bongsu-reachable";
let lost = false;

let csrf = "";
let onSignedOut: (() => void) | undefined;

export function useCsrf(token: string): void {
  csrf = token;
}

/** Called when the server says the session is over. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

type Given<Name extends keyof Operations> = {
  query?: Operations[Name]["query"];
  body?: Operations[Name]["body"];
  signal?: AbortSignal;
  idempotencyKey?: string;
} & (Operations[Name]["params"] extends Record<string, never> ? object : { params: Operations[Name]["params"] });

export function pathOf(template: string, params: Record<string, unknown>, query: Record<string, unknown>): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

export interface Sent {
  body?: unknown;
  signal?: AbortSignal;
  idempotencyKey?: string;
  /** Asking whether somebody is signed in: a no is an answer, not the end of the session. */
  probes?: boolean;
}

/** One request to the server; what is not a success becomes an error. */
export async function send(method: string, address: string, given: Sent): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (given.body !== undefined) headers["Content-Type"] = "application/json";
  if (given.idempotencyKey !== undefined) headers["Idempotency-Key"] = given.idempotencyKey;
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers,
      credentials: "same-origin",
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
      ...(given.signal === undefined ? {} : { signal: given.signal }),
    });
  } catch (error) {
    if (given.signal?.aborted) throw error;
    lost = true;
    throw new Unreachable(String(error));
  }
  if (lost) {
    lost = false;
    dispatchEvent(new Event(reachable));
  }
  if (!response.ok) await fail(response, given.probes ?? false);
  return response;
}

export async function call<Name extends keyof Operations>(
  name: Name,
  given: Given<Name>,
): Promise<Operations[Name]["answer"]> {
  const [method, template] = routes[name];
  const loose = given as { params?: Record<string, unknown>; query?: Record<string, unknown> } & Given<Name>;
  const sent = { ...given, probes: name === "signIn" || name === "getSession" } as Sent;
  const response = await send(method, pathOf(template, loose.params ?? {}, loose.query ?? {}), sent);
  if (response.status === 204) return undefined as Operations[Name]["answer"];
  return (await response.json()) as Operations[Name]["answer"];
}

async function fail(response: Response, probes: boolean): Promise<never> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  if (response.status === 401 && !probes) onSignedOut?.();
  throw new ApiError(response.status, problem);
}
