import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { brotli } from "../build/brotli.mjs";
import { device } from "./build/device.mjs";
import { integrity } from "./build/integrity.mjs";

export default defineConfig({
  base: "/checkout/",
  plugins: [react(), device(), integrity(), brotli()],
  build: {
    outDir: "../../src/anfu/entrypoints/api/pages/checkout",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2020",
  },
  server: { proxy: { "/v1": "http://localhost:8000" } },
});
