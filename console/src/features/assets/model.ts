// SPDX-License-Identifier: Apache-2.0
// A window onto a long list: only rows near the view exist in the page.
export interface Slice {
  first: number;
  last: number;
  /** Heights of the spacers above and below, px. */
  above: number;
  below: number;
}

const spare = 8;

export function sliceOf(total: number, rowHeight: number, scrollTop: number, viewHeight: number): Slice {
  const first = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight) - spare), Math.max(0, total - 1));
  const last = Math.min(total, Math.ceil((scrollTop + viewHeight) / rowHeight) + spare);
  return { first, last, above: first * rowHeight, below: Math.max(0, total - last) * rowHeight };
}

/** Whether the end of what was read is near enough to read on. */
export function nearEnd(read: number, slice: Slice): boolean {
  return slice.last >= read - 2 * spare;
}
