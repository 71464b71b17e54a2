// SPDX-License-Identifier: Apache-2.0
// Which parts of a text of the data are not in the seat's language: they carry a language mark, so that a screen reader
// reads them in their own voice and the browser takes the right glyphs (WCAG 3.1.2).

export interface Run {
  text: string;
  /** Set where it differs from the seat's language. */
  lang?: "ko" | "en";
}

/** Korean words with what stands between them: figures, brackets, dots. */
const korean = /\p{Script=Hangul}(?:[\s\d.,·()~/–-]*\p{Script=Hangul})*/gu;
const anyKorean = /\p{Script=Hangul}/u;
/** Shorter ones are codes (C-0456, SW-31) that every language reads the same way. */
const latinWord = /[A-Za-z]{3,}/;

export function runs(text: string, language: "ko" | "en"): Run[] {
  if (language === "ko") return [latinWord.test(text) && !anyKorean.test(text) ? { text, lang: "en" } : { text }];
  const parts: Run[] = [];
  let at = 0;
  for (const found of text.matchAll(korean)) {
    if (found.index > at) parts.push({ text: text.slice(at, found.index) });
    parts.push({ text: found[0], lang: "ko" });
    at = found.index + found[0].length;
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at) });
  return parts;
}
