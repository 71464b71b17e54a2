// SPDX-License-Identifier: Apache-2.0
// The severity glyph as an SVG element, for places where no component can stand (map markers).
import { severities } from "./severity";

const svg = "http://www.w3.org/2000/svg";

export function glyphElement(severity: 1 | 2 | 3 | 4, filled: boolean): SVGSVGElement {
  const look = severities[severity];
  const root = document.createElementNS(svg, "svg");
  root.setAttribute("viewBox", "-1 -1 26 26");
  root.setAttribute("aria-hidden", "true");
  root.setAttribute("class", `glyph s${severity}${filled ? " filled" : ""}`);
  for (const part of ["edge", "shape"]) {
    const path = document.createElementNS(svg, "path");
    path.setAttribute("class", part);
    path.setAttribute("d", look.path);
    root.append(path);
  }
  const digit = document.createElementNS(svg, "text");
  digit.setAttribute("x", String(look.digit[0]));
  digit.setAttribute("y", String(look.digit[1]));
  digit.textContent = String(severity);
  root.append(digit);
  return root;
}
