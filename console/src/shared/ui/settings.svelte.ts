// SPDX-License-Identifier: Apache-2.0
// What a seat chooses for itself: theme, text size, single-letter keys, the position it answers for.
import type { Position } from "@/shared/api/contract.gen";
import { severities, severityOrder } from "./severity";

export type Theme = "night" | "day";
export const textSizes = [80, 90, 100, 110, 125, 150] as const;

interface Kept {
  theme: Theme;
  size: number;
  letterKeys: boolean;
  /** "" until chosen; then the role decides. */
  position: Position | "every" | "";
}

const store = "bongsu.seat-settings";
const usual: Kept = { theme: "night", size: 100, letterKeys: true, position: "" };

function read(): Kept {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(store) ?? "{}") as Partial<Kept>) };
  } catch {
    return usual;
  }
}

class Settings {
  #kept = $state<Kept>(read());

  get theme(): Theme {
    return this.#kept.theme;
  }
  get size(): number {
    return this.#kept.size;
  }
  get letterKeys(): boolean {
    return this.#kept.letterKeys;
  }
  get position(): Kept["position"] {
    return this.#kept.position;
  }

  change(part: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...part };
    localStorage.setItem(store, JSON.stringify(this.#kept));
    this.dress();
  }

  /** Puts theme, size and severity colours on the page. */
  dress(): void {
    const root = document.documentElement;
    root.dataset["theme"] = this.#kept.theme;
    root.style.setProperty("--scale", String(this.#kept.size / 100));
    for (const severity of severityOrder) root.style.setProperty(`--severity-${severity}`, severities[severity].colour);
  }
}

export const settings = new Settings();
