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
/** Two words and more. A single one inside Korean (CCTV, PTZ) is Korean usage. */
const phrase = /[A-Za-z][\w'.&-]*(?:[ ,]+[A-Za-z0-9][\w'.&-]*)+/g;
/** Shorter ones are codes (C-0456, SW-31) that every language reads the same way. */
const latinWord = /[A-Za-z]{3,}/;

export function runs(text: string, language: "ko" | "en"): Run[] {
  if (language === "en") return marked(text, text.matchAll(korean), "ko");
  if (!latinWord.test(text)) return [{ text }];
  if (!anyKorean.test(text)) return [{ text, lang: "en" }];
  return marked(text, [...text.matchAll(phrase)].filter((found) => latinWord.test(found[0])), "en");
}

function marked(text: string, found: Iterable<RegExpExecArray>, lang: "ko" | "en"): Run[] {
  const parts: Run[] = [];
  let at = 0;
  for (const one of found) {
    if (one.index > at) parts.push({ text: text.slice(at, one.index) });
    parts.push({ text: one[0], lang });
    at = one.index + one[0].length;
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at) });
  return parts;
}
