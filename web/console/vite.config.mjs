import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { brotli } from "../build/brotli.mjs";

export default defineConfig({
  base: "/console/",
  plugins: [react(), brotli()],
  html: { cspNonce: "__NONCE__" },
  build: {
    outDir: "../../src/anfu/entrypoints/api/pages/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    // Few files: on a slow line each of many costs a turn of its own.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "ant", test: /node_modules.(antd|@rc-component|@ant-design)/, minShareCount: 6 },
            { name: "parts", test: /console.src.(parts|app)/, minShareCount: 4 },
          ],
        },
      },
    },
  },
  server: { proxy: { "/v1": "http://localhost:8080" } },
});
