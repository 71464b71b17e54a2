// SPDX-License-Identifier: Apache-2.0
// What the server says about a condition it cannot read, held against what the person wrote.
import { queryOf } from "./model";

export interface QueryProblem {
  /** The server's words: "a value is missing". */
  why: string;
  /** Where in what was written, from 0; its length: at the end. Null: nowhere in particular. */
  at: number | null;
}

/** @param name  what the name was sought by: the server read both as one condition */
export function queryProblemOf(message: string, name: string, written: string): QueryProblem | null {
  if (/ is sealed: it can be asked/.test(message)) return { why: "sealed", at: null };
  const pattern = /^pattern '([\s\S]*)': /.exec(message)?.[1];
  if (pattern !== undefined) {
    const at = written.indexOf(pattern);
    return { why: "pattern", at: at < 0 ? null : at };
  }
  const found = /^(?:q|query): (?:(unexpected) '([\s\S]*)'|([\s\S]*?) near '([\s\S]*)'|([\s\S]*))$/.exec(message);
  if (found === null) return null;
  const why = found[1] ?? found[3] ?? found[5] ?? "";
  const near = (found[2] ?? found[4])?.replace(/\uFFFD+$/, "");
  if (near === undefined) return { why, at: null };
  const whole = queryOf(name, written) ?? "";
  const before = name === "" ? 0 : whole.length - written.length - 1;
  const place = near === "" ? whole.length : whole.endsWith(near) ? whole.length - near.length : whole.indexOf(near, before);
  return { why, at: place < 0 ? null : Math.max(0, Math.min(written.length, place - before)) };
}

/** "a value is missing" is a_value_is_missing: the key of its translation. */
export const slugOf = (why: string): string => why.toLowerCase().replace(/[^a-z]+/g, "_").replace(/^_|_$/g, "");
