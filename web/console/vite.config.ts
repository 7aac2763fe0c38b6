import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  html: { cspNonce: "__NONCE__" },
  build: {
    outDir: "../../src/anfu/entrypoints/api/pages/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/v1": "http://localhost:8080" } },
});
