// SPDX-License-Identifier: Apache-2.0
// What is sought in the list of entities; it outlives the list while a history stands in its place.
export interface Search {
  sought: string;
  by: "name" | "id";
  /** An expression of NGSI-LD. */
  written: string;
  newest: boolean;
  offset: number;
  /** What the offset belongs to: another choice begins at its first page. */
  of: string;
}

export const emptySearch = (): Search => ({ sought: "", by: "name", written: "", newest: false, offset: 0, of: "" });
