// Builds the dashboard into the Python package, from where the web process serves it.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` shows the pages of this folder with the data of a server that runs elsewhere.
const server = "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  plugins: [react()],
  build: {
    outDir: "../src/caesura/web/static",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: "chrome123",
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": mode.startsWith("http") ? mode : server } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
}));
