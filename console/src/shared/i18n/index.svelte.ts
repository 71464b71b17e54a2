// SPDX-License-Identifier: Apache-2.0
// The language of this seat, and the texts in it.
import type { LText } from "@/shared/api/contract.gen";
import en from "./en.json";
import type { TextKey } from "./keys.gen";
import ko from "./ko.json";
import { fill, pseudo, type Arguments } from "./text";

export type Language = "ko" | "en";
export type { TextKey } from "./keys.gen";

const store = "bongsu.language";

function first(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "ko" || asked === "en") return asked;
  const kept = localStorage.getItem(store);
  if (kept === "ko" || kept === "en") return kept;
  return navigator.language.startsWith("en") ? "en" : "ko";
}

class Speech {
  language = $state<Language>(first());
  /** Shows overflow and forgotten texts in tests (?lang=pseudo). */
  readonly pseudo = new URLSearchParams(location.search).get("lang") === "pseudo";

  choose(language: Language): void {
    this.language = language;
    localStorage.setItem(store, language);
  }
}

export const speech = new Speech();

/** A text of the catalogue in the seat's language. */
export function t(key: TextKey, given: Arguments = {}): string {
  if (speech.pseudo) return fill(pseudo(en[key]), given);
  return fill((speech.language === "ko" ? ko : en)[key], given);
}

/** A text of the data in the seat's language; Korean where no English exists. */
export function said(text: LText | null | undefined): string {
  if (!text) return "";
  return speech.language === "en" ? (text.en ?? text.ko) : text.ko;
}

/** A text of the catalogue in every language, for what is sent as data. */
export function inBoth(key: TextKey): LText {
  return { ko: ko[key], en: en[key] };
}

/** Whether a key built from data exists, so that an unknown word of a newer server shows as itself. */
export function word(key: string, fallback: string): string {
  return key in ko ? t(key as TextKey) : fallback;
}
