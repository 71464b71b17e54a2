// SPDX-License-Identifier: Apache-2.0
// Decoder of the binary frames of /live: object positions as columns, little-endian.
// Layout: api/events.schema.json. Every length is checked; a frame that does not add up is refused, never half applied.

export const FrameKind = { snapshot: 1, delta: 2, removed: 3, clusters: 4, dictionary: 5 } as const;

export interface Positions {
  kind: "snapshot" | "delta";
  sequence: number;
  serverMs: number;
  conflated: number;
  handle: Uint32Array;
  /** Web Mercator, the world is 2^31-1 wide both ways from the middle; y grows south. */
  x: Int32Array;
  y: Int32Array;
  state: Uint8Array;
  heading: Uint8Array;
}
export interface Removed {
  kind: "removed";
  sequence: number;
  handle: Uint32Array;
}
export interface Clusters {
  kind: "clusters";
  sequence: number;
  x: Int32Array;
  y: Int32Array;
  state: Uint8Array;
  count: Uint32Array;
}
export interface DictionaryEntry {
  id: string;
  kind: string;
  name?: { ko: string; en?: string };
}
export interface Dictionary {
  kind: "dictionary";
  sequence: number;
  entries: Map<number, DictionaryEntry>;
}
export type BinaryFrame = Positions | Removed | Clusters | Dictionary;

const headerBytes = 24;
const maxCount = 1_000_000;
const pad4 = (n: number) => (n + 3) & ~3;

/** Returns null for a frame that is damaged or of a version this console does not know. */
export function decodeFrame(buffer: ArrayBuffer): BinaryFrame | null {
  if (buffer.byteLength < headerBytes) return null;
  const view = new DataView(buffer);
  const type = view.getUint8(0);
  if (view.getUint8(1) !== 1) return null;
  const sequence = view.getUint32(4, true);
  const count = view.getUint32(16, true);
  if (count > maxCount) return null;
  switch (type) {
    case FrameKind.snapshot:
    case FrameKind.delta:
      return positions(buffer, view, type === FrameKind.snapshot ? "snapshot" : "delta", sequence, count);
    case FrameKind.removed:
      if (buffer.byteLength < headerBytes + 4 * count) return null;
      return { kind: "removed", sequence, handle: new Uint32Array(buffer, headerBytes, count) };
    case FrameKind.clusters:
      return clusters(buffer, sequence, count);
    case FrameKind.dictionary:
      return dictionary(buffer, view, sequence, count);
    default:
      return null;
  }
}

function columns(buffer: ArrayBuffer, count: number) {
  const stateAt = headerBytes + 12 * count;
  const headingAt = stateAt + pad4(count);
  return {
    handle: new Uint32Array(buffer, headerBytes, count),
    x: new Int32Array(buffer, headerBytes + 4 * count, count),
    y: new Int32Array(buffer, headerBytes + 8 * count, count),
    state: new Uint8Array(buffer, stateAt, count),
    heading: new Uint8Array(buffer, headingAt, count),
    end: headingAt + pad4(count),
  };
}

function positions(
  buffer: ArrayBuffer,
  view: DataView,
  kind: "snapshot" | "delta",
  sequence: number,
  count: number,
): Positions | null {
  if (buffer.byteLength < headerBytes + 12 * count + pad4(count) + count) return null;
  const { handle, x, y, state, heading } = columns(buffer, count);
  return {
    kind,
    sequence,
    serverMs: view.getFloat64(8, true),
    conflated: view.getUint32(20, true),
    handle,
    x,
    y,
    state,
    heading,
  };
}

function clusters(buffer: ArrayBuffer, sequence: number, count: number): Clusters | null {
  if (buffer.byteLength < headerBytes + 12 * count + 2 * pad4(count) + 4 * count) return null;
  const { x, y, state, end } = columns(buffer, count);
  return { kind: "clusters", sequence, x, y, state, count: new Uint32Array(buffer, end, count) };
}

function dictionary(buffer: ArrayBuffer, view: DataView, sequence: number, count: number): Dictionary | null {
  let at = headerBytes + 4 * count;
  if (buffer.byteLength < at) return null;
  const text = new TextDecoder();
  const entries = new Map<number, DictionaryEntry>();
  for (let i = 0; i < count; i++) {
    if (at + 2 > buffer.byteLength) return null;
    const length = view.getUint16(at, true);
    at += 2;
    if (at + length > buffer.byteLength) return null;
    const entry = parseEntry(text.decode(new Uint8Array(buffer, at, length)));
    if (entry === null) return null;
    entries.set(view.getUint32(headerBytes + 4 * i, true), entry);
    at += length;
  }
  return { kind: "dictionary", sequence, entries };
}

function parseEntry(json: string): DictionaryEntry | null {
  try {
    const value: unknown = JSON.parse(json);
    const good = typeof value === "object" && value !== null && "id" in value && "kind" in value;
    return good ? (value as DictionaryEntry) : null;
  } catch {
    return null;
  }
}

/** World coordinates of a frame to the unit square of the map (0..1, y south). */
export function worldUnit(value: number): number {
  return (value / 2147483647 + 1) / 2;
}
