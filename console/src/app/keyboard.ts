// SPDX-License-Identifier: Apache-2.0
// The map of keys. Keys are read by event.code, so they work while the Hangul input method is on. Single letters act
// only where focus is in board, map or detail (an element inside data-keys="on") or on nothing at all, never in a text field.

export interface Binding {
  readonly code: string;
  readonly shift?: boolean;
  readonly ctrl?: boolean;
  readonly id: CommandId;
  /** As written on the key. */
  readonly key: string;
  /** Works everywhere, also while typing. */
  readonly everywhere?: boolean;
}

export type CommandId =
  | "next" | "previous" | "open" | "tick" | "acknowledge" | "own" | "dispatch" | "escalate" | "shelve" | "comment" | "close"
  | "undo" | "camera" | "fit" | "zoom_out" | "zoom_in" | "severity_1" | "severity_2" | "severity_3" | "severity_4"
  | "search" | "commands" | "silence" | "why" | "jump" | "manual" | "leave" | "help" | "go_map" | "go_links" | "go_assets" | "go_data";

export const bindings: readonly Binding[] = [
  { code: "KeyJ", id: "next", key: "J" },
  { code: "ArrowDown", id: "next", key: "↓" },
  { code: "KeyK", id: "previous", key: "K" },
  { code: "ArrowUp", id: "previous", key: "↑" },
  { code: "Enter", id: "open", key: "Enter" },
  { code: "NumpadEnter", id: "open", key: "Enter" },
  { code: "Space", id: "tick", key: "Space" },
  { code: "KeyA", id: "acknowledge", key: "A" },
  { code: "KeyO", id: "own", key: "O" },
  { code: "KeyD", id: "dispatch", key: "D" },
  { code: "KeyE", id: "escalate", key: "E" },
  { code: "KeyS", id: "shelve", key: "S" },
  { code: "KeyC", id: "comment", key: "C" },
  { code: "KeyX", id: "close", key: "X" },
  { code: "KeyZ", id: "undo", key: "Z" },
  { code: "KeyV", id: "camera", key: "V" },
  { code: "KeyF", id: "fit", key: "F" },
  { code: "KeyW", id: "why", key: "W" },
  { code: "Period", id: "jump", key: "." },
  { code: "KeyB", id: "zoom_out", key: "B" },
  { code: "KeyN", id: "zoom_in", key: "N" },
  { code: "Digit1", id: "severity_1", key: "1" },
  { code: "Digit2", id: "severity_2", key: "2" },
  { code: "Digit3", id: "severity_3", key: "3" },
  { code: "Digit4", id: "severity_4", key: "4" },
  { code: "Slash", id: "search", key: "/" },
  { code: "Slash", shift: true, id: "help", key: "?" },
  { code: "KeyM", id: "silence", key: "M" },
  { code: "KeyK", ctrl: true, id: "commands", key: "Ctrl K", everywhere: true },
  { code: "F9", id: "manual", key: "F9", everywhere: true },
  { code: "Escape", id: "leave", key: "Esc" },
];

/** After G: where to go. */
export const goTo: Readonly<Record<string, CommandId>> = { KeyM: "go_map", KeyL: "go_links", KeyA: "go_assets", KeyD: "go_data" };

export interface Pressed {
  readonly code: string;
  /** What the key writes; only the question mark is read from it, which has no place of its own. */
  readonly key?: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

export interface Where {
  /** Focus is in a field that takes text. */
  typing: boolean;
  /** Focus is in board, map or detail, or on nothing. */
  inArea: boolean;
  /** Focus is on a button or link, which Enter and Space work themselves. */
  onControl: boolean;
  /** Focus is on the map, whose arrows pan. */
  onMap: boolean;
  /** The seat has switched single letters off. */
  letters: boolean;
  /** Board, map and detail are on show. Elsewhere nobody sees the alarm that a key would act on. */
  onDesk: boolean;
}

/** What works on every screen. */
const everyScreen: ReadonlySet<CommandId> = new Set(["search", "help", "silence", "jump"]);
const special = new Set(["Escape", "Enter", "NumpadEnter", "ArrowUp", "ArrowDown", "F9"]);

export function commandFor(pressed: Pressed, where: Where): CommandId | null {
  if (pressed.altKey || pressed.metaKey) return null;
  const asked = pressed.key === "?" && !pressed.ctrlKey;
  const binding = bindings.find(
    (one) =>
      asked
        ? one.id === "help"
        : one.code === pressed.code && (one.shift ?? false) === pressed.shiftKey && (one.ctrl ?? false) === pressed.ctrlKey,
  );
  if (binding === undefined) return null;
  if (binding.everywhere) return binding.id;
  if (where.typing) return null;
  if (!where.onDesk && !everyScreen.has(binding.id)) return null;
  if (binding.id === "leave") return binding.id;
  if (where.onDesk && !where.inArea) return null;
  if (where.onControl && (binding.id === "open" || binding.id === "tick")) return null;
  if (where.onMap && pressed.code.startsWith("Arrow")) return null;
  if (!where.letters && !special.has(pressed.code) && !binding.ctrl) return null;
  return binding.id;
}

export function whereIs(element: Element | null, letters: boolean, onDesk: boolean): Where {
  const inside = (selector: string) => element?.closest(selector) !== null && element !== null;
  const typing = inside("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  return {
    typing,
    inArea: element === null || element === document.body || inside('[data-keys="on"]'),
    onControl: inside("button, a, summary, [role=checkbox]"),
    onMap: inside(".maplibregl-canvas"),
    letters,
    onDesk,
  };
}
