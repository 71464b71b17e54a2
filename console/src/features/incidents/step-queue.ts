// SPDX-License-Identifier: Apache-2.0
// Steps ticked while the server could not be reached: kept with their true times, sent in order, never twice (each
// carries an idempotency key). Kept for this tab's session only, because reasons may name people.
import type { Operations } from "@/shared/api/contract.gen";

export interface QueuedStep {
  incident: string;
  n: number;
  body: Operations["actOnStep"]["body"];
  key: string;
}

export interface Store {
  read(): string | null;
  write(text: string): void;
}

const most = 200;

export class StepQueue {
  readonly #store: Store;
  #items: QueuedStep[];
  #sending = false;

  constructor(store: Store) {
    this.#store = store;
    this.#items = parse(store.read());
  }

  get items(): readonly QueuedStep[] {
    return this.#items;
  }

  /** False when the queue is full: the act was not kept and the operator must be told. */
  add(step: QueuedStep): boolean {
    if (this.#items.length >= most) return false;
    this.#items = [...this.#items, step];
    this.#save();
    return true;
  }

  /**
   * Sends from the front. `send` says what became of one: "taken", "refused" (it will never be taken; dropped and
   * reported) or "unreachable" (kept, and the rest waits).
   */
  async flush(send: (step: QueuedStep) => Promise<"taken" | "refused" | "unreachable">): Promise<QueuedStep[]> {
    if (this.#sending) return [];
    this.#sending = true;
    const refused: QueuedStep[] = [];
    try {
      for (let first = this.#items[0]; first !== undefined; first = this.#items[0]) {
        const outcome = await send(first);
        if (outcome === "unreachable") break;
        if (outcome === "refused") refused.push(first);
        this.#items = this.#items.slice(1);
        this.#save();
      }
    } finally {
      this.#sending = false;
    }
    return refused;
  }

  #save(): void {
    this.#store.write(JSON.stringify(this.#items));
  }
}

function parse(text: string | null): QueuedStep[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? (value as QueuedStep[]) : [];
  } catch {
    return [];
  }
}
