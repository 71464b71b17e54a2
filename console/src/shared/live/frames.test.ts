// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { decodeFrame, worldUnit } from "./frames";

function header(type: number, count: number, bytes: number): DataView {
  const view = new DataView(new ArrayBuffer(24 + bytes));
  view.setUint8(0, type);
  view.setUint8(1, 1);
  view.setUint32(4, 77, true);
  view.setFloat64(8, 1_700_000_000_000, true);
  view.setUint32(16, count, true);
  view.setUint32(20, 9, true);
  return view;
}

function positionFrame(): DataView {
  const view = header(2, 3, 3 * 12 + 4 + 4);
  [5, 6, 7].forEach((handle, i) => view.setUint32(24 + 4 * i, handle, true));
  [-100, 0, 100].forEach((x, i) => view.setInt32(36 + 4 * i, x, true));
  [1, 2, 3].forEach((y, i) => view.setInt32(48 + 4 * i, y, true));
  [0, 1, 4].forEach((state, i) => view.setUint8(60 + i, state));
  [0, 64, 128].forEach((heading, i) => view.setUint8(64 + i, heading));
  return view;
}

test("a delta gives its columns, with byte columns padded to four", () => {
  const frame = decodeFrame(positionFrame().buffer as ArrayBuffer);

  expect(frame?.kind).toBe("delta");
  if (frame?.kind !== "delta") return;
  expect([...frame.handle]).toEqual([5, 6, 7]);
  expect([...frame.x]).toEqual([-100, 0, 100]);
  expect([...frame.state]).toEqual([0, 1, 4]);
  expect([...frame.heading]).toEqual([0, 64, 128]);
  expect(frame.conflated).toBe(9);
});

test("a frame cut anywhere is refused", () => {
  const whole = positionFrame().buffer as ArrayBuffer;

  for (let length = 0; length < 67; length++) expect(decodeFrame(whole.slice(0, length))).toBeNull();
});

test("a count larger than the frame is refused", () => {
  const view = header(3, 4_000_000_000, 8);

  expect(decodeFrame(view.buffer as ArrayBuffer)).toBeNull();
});

test("a dictionary names handles in both languages", () => {
  const json = new TextEncoder().encode('{"id":"urn:x","kind":"camera","name":{"ko":"시장","en":"Market"}}');
  const view = header(5, 1, 4 + 2 + json.length);
  view.setUint32(24, 42, true);
  view.setUint16(28, json.length, true);
  new Uint8Array(view.buffer).set(json, 30);

  const frame = decodeFrame(view.buffer as ArrayBuffer);

  expect(frame?.kind === "dictionary" && frame.entries.get(42)?.name?.ko).toBe("시장");
});

test("a dictionary with broken JSON is refused as a whole", () => {
  const view = header(5, 1, 4 + 2 + 3);
  view.setUint16(28, 3, true);

  expect(decodeFrame(view.buffer as ArrayBuffer)).toBeNull();
});

test("an unknown version is refused", () => {
  const view = positionFrame();
  view.setUint8(1, 2);

  expect(decodeFrame(view.buffer as ArrayBuffer)).toBeNull();
});

test("a thousand random frames never throw", () => {
  let seed = 12345;
  const next = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0);
  for (let i = 0; i < 1000; i++) {
    const bytes = new Uint8Array(next() % 200);
    bytes.forEach((_, at) => (bytes[at] = next() >>> 16));
    if (bytes.length > 17) {
      bytes[0] = 1 + (i % 5);
      bytes[1] = 1;
      bytes.fill(0, 17, 20);
    }
    decodeFrame(bytes.buffer);
  }
});

test("the middle of the world is the middle of the map", () => {
  expect(worldUnit(0)).toBe(0.5);
  expect(worldUnit(2147483647)).toBe(1);
});
