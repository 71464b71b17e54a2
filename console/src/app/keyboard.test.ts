// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { bindings, commandFor, type Where } from "./keyboard";

const press = (code: string, given: object = {}) => ({ code, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...given });
const board: Where = { typing: false, inArea: true, onControl: false, onMap: false, letters: true, onDesk: true };

test("a letter acts by its place on the keyboard, whatever the input method writes", () => {
  expect(commandFor(press("KeyA"), board)).toBe("acknowledge");
  expect(commandFor(press("KeyX"), board)).toBe("close");
});

test("nothing acts while somebody types, except the search of commands and the manual incident", () => {
  const typing = { ...board, typing: true };

  expect(commandFor(press("KeyA"), typing)).toBeNull();
  expect(commandFor(press("Escape"), typing)).toBeNull();
  expect(commandFor(press("F9"), typing)).toBe("manual");
  expect(commandFor(press("KeyK", { ctrlKey: true }), typing)).toBe("commands");
});

test("outside board, map and detail only Escape acts", () => {
  const header = { ...board, inArea: false };

  expect(commandFor(press("KeyX"), header)).toBeNull();
  expect(commandFor(press("Escape"), header)).toBe("leave");
});

test("a focused button keeps Enter and Space", () => {
  const button = { ...board, onControl: true };

  expect(commandFor(press("Enter"), button)).toBeNull();
  expect(commandFor(press("Space"), button)).toBeNull();
  expect(commandFor(press("KeyZ"), button)).toBe("undo");
});

test("arrows pan the map when it has focus", () => {
  expect(commandFor(press("ArrowDown"), { ...board, onMap: true })).toBeNull();
  expect(commandFor(press("ArrowDown"), board)).toBe("next");
});

test("single letters can be switched off, named keys stay", () => {
  const off = { ...board, letters: false };

  expect(commandFor(press("KeyA"), off)).toBeNull();
  expect(commandFor(press("Enter"), off)).toBe("open");
  expect(commandFor(press("ArrowDown"), off)).toBe("next");
});

test("the question mark is the shifted slash, a plain slash searches", () => {
  expect(commandFor(press("Slash", { shiftKey: true }), board)).toBe("help");
  expect(commandFor(press("Slash"), board)).toBe("search");
  expect(commandFor(press("Minus", { key: "?" }), board)).toBe("help");
});

test("no two bindings share a key", () => {
  const keys = bindings.map((one) => `${one.code}|${one.shift ?? false}|${one.ctrl ?? false}`);

  expect(new Set(keys).size).toBe(keys.length);
});

test("where no alarm is on show no key acts on one, and what belongs to every screen still works", () => {
  const elsewhere: Where = { ...board, inArea: false, onDesk: false };

  expect(["KeyA", "KeyX", "KeyJ", "ArrowDown", "Space", "Escape", "Digit1"].map((code) => commandFor(press(code), elsewhere))).toEqual(Array(7).fill(null));
  expect(["Slash", "KeyM"].map((code) => commandFor(press(code), elsewhere))).toEqual(["search", "silence"]);
  expect(commandFor(press("Slash", { shiftKey: true }), elsewhere)).toBe("help");
  expect(commandFor(press("KeyK", { ctrlKey: true }), elsewhere)).toBe("commands");
  expect(commandFor(press("F9"), elsewhere)).toBe("manual");
});
