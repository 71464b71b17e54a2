// SPDX-License-Identifier: Apache-2.0
// Which screen is shown; the part after # so that one index.html serves every address.
export type Screen = "map" | "links" | "assets";

const screens: readonly Screen[] = ["map", "links", "assets"];

function fromHash(): Screen {
  const asked = location.hash.replace(/^#\/?/, "");
  return screens.find((screen) => screen === asked) ?? "map";
}

class Route {
  screen = $state<Screen>(fromHash());

  constructor() {
    addEventListener("hashchange", () => (this.screen = fromHash()));
  }

  go(screen: Screen): void {
    location.hash = screen === "map" ? "#/" : `#/${screen}`;
    this.screen = screen;
  }
}

export const route = new Route();
