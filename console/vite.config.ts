// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const server = process.env["BONGSU_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // MapLibre 6 starts its worker as a module.
  worker: { format: "es" },
  build: {
    target: "es2023",
    // Nothing is inlined: the content security policy allows no data: font.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1400,
    manifest: true,
  },
  server: {
    proxy: {
      "/api": server,
      "/health": server,
      "/tiles": server,
      "/live": { target: server, ws: true },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
