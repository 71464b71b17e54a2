// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const server = process.env["BONGSU_URL"] ?? "http://127.0.0.1:8080";

// The server signs in its own page only: to it this one is that.
const asOwnPage = { target: server, changeOrigin: true, headers: { origin: server } };

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
    proxy: Object.fromEntries(["/api", "/health", "/ngsi-ld", "/tiles", "/live"].map((path) => [path, { ...asOwnPage, ws: path === "/live" }])),
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
