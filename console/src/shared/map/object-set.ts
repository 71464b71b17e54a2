// SPDX-License-Identifier: Apache-2.0
// The moving and standing objects in view as columns, ready for the graphics card. Positions are kept relative to a
// local origin, which keeps 32-bit floats exact at street zoom. Slots of removed objects are filled by the last one.
import type { BinaryFrame, DictionaryEntry, Positions } from "@/shared/live/frames";
import { worldUnit } from "@/shared/live/frames";

const firstRoom = 4096;
/** The server sends at most `maxObjects`; this is the wall behind that promise. */
const mostObjects = 200_000;

export class ObjectSet {
  /** Origin in the unit square. */
  readonly originX: number;
  readonly originY: number;
  position = new Float32Array(2 * firstRoom);
  state = new Uint8Array(firstRoom);
  handles = new Uint32Array(firstRoom);
  count = 0;
  /** Counts what would have passed the wall. */
  refused = 0;
  readonly #slot = new Map<number, number>();
  readonly #names = new Map<number, DictionaryEntry>();

  constructor(originX: number, originY: number) {
    this.originX = originX;
    this.originY = originY;
  }

  /** Returns whether anything that is drawn changed. */
  apply(frame: BinaryFrame): boolean {
    switch (frame.kind) {
      case "snapshot":
        this.#clear();
        this.#put(frame);
        return true;
      case "delta":
        this.#put(frame);
        return frame.handle.length > 0;
      case "removed":
        for (const handle of frame.handle) this.#remove(handle);
        return frame.handle.length > 0;
      case "dictionary":
        for (const [handle, entry] of frame.entries) this.#names.set(handle, entry);
        return false;
      case "clusters":
        return false;
    }
  }

  nameOf(handle: number): DictionaryEntry | undefined {
    return this.#names.get(handle);
  }

  /** Number of objects a kind has in view, for the legend. */
  countByKind(): Map<string, number> {
    const counts = new Map<string, number>();
    for (let i = 0; i < this.count; i++) {
      const kind = this.#names.get(this.handles[i] ?? 0)?.kind ?? "";
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  }

  #clear(): void {
    this.count = 0;
    this.#slot.clear();
  }

  #put(frame: Positions): void {
    for (let i = 0; i < frame.handle.length; i++) {
      const slot = this.#slotOf(frame.handle[i] ?? 0);
      if (slot < 0) continue;
      this.position[2 * slot] = worldUnit(frame.x[i] ?? 0) - this.originX;
      this.position[2 * slot + 1] = worldUnit(frame.y[i] ?? 0) - this.originY;
      this.state[slot] = frame.state[i] ?? 0;
    }
  }

  #slotOf(handle: number): number {
    const known = this.#slot.get(handle);
    if (known !== undefined) return known;
    if (this.count >= mostObjects) {
      this.refused++;
      return -1;
    }
    if (this.count >= this.handles.length) this.#grow();
    const slot = this.count++;
    this.#slot.set(handle, slot);
    this.handles[slot] = handle;
    return slot;
  }

  #grow(): void {
    const room = this.handles.length * 2;
    const position = new Float32Array(2 * room);
    position.set(this.position);
    this.position = position;
    const state = new Uint8Array(room);
    state.set(this.state);
    this.state = state;
    const handles = new Uint32Array(room);
    handles.set(this.handles);
    this.handles = handles;
  }

  #remove(handle: number): void {
    const slot = this.#slot.get(handle);
    if (slot === undefined) return;
    const last = --this.count;
    const moved = this.handles[last] ?? 0;
    this.handles[slot] = moved;
    this.position[2 * slot] = this.position[2 * last] ?? 0;
    this.position[2 * slot + 1] = this.position[2 * last + 1] ?? 0;
    this.state[slot] = this.state[last] ?? 0;
    this.#slot.set(moved, slot);
    this.#slot.delete(handle);
    this.#names.delete(handle);
  }

  /** The object nearest to a point of the unit square, within `reach` of it. */
  pick(x: number, y: number, reach: number): { handle: number; x: number; y: number } | null {
    const dx = x - this.originX;
    const dy = y - this.originY;
    let best = reach * reach;
    let found = -1;
    for (let i = 0; i < this.count; i++) {
      const ex = (this.position[2 * i] ?? 0) - dx;
      const ey = (this.position[2 * i + 1] ?? 0) - dy;
      const d = ex * ex + ey * ey;
      if (d < best) {
        best = d;
        found = i;
      }
    }
    if (found < 0) return null;
    return {
      handle: this.handles[found] ?? 0,
      x: (this.position[2 * found] ?? 0) + this.originX,
      y: (this.position[2 * found + 1] ?? 0) + this.originY,
    };
  }
}
