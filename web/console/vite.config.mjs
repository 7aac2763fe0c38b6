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
    // Few files: on a slow line each of many costs a turn of its own. `first` is all that signing in
    // and the overview need, `lists` what several other pages share.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "first", priority: 2, test: /console.src.(app|pages.home.(?!Found)|pages.signIn.(SignIn|Frame))/ },
            { name: "lists", priority: 1, minShareCount: 5, test: /console.src.parts|node_modules.(antd|@rc-component|@ant-design)/ },
          ],
        },
      },
    },
  },
  server: { proxy: { "/v1": "http://localhost:8080" } },
});
