// Builds the dashboard into the Python package, from where the web process serves it; with
// `--mode desk` the agents' desk beside it, which shares no file with the dashboard and so stays light.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// `npm run dev` shows the pages of this folder with the data of a server that runs elsewhere.
const server = "http://127.0.0.1:8080";

/** What of the charts only the simulation needs. */
const LINES = /echarts[\\/]lib[\\/](chart[\\/]line[\\/]|component[\\/]marker[\\/]\w*MarkLine)/;

const out = "../src/caesura/web/static";

/** Puts compressed copies beside the files that the server then sends as they are. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue;
        const file = join(entry.parentPath, entry.name);
        if (isNewer(`${file}.gz`, file)) continue; // of the build before
        const content = readFileSync(file);
        writeFileSync(`${file}.br`, brotliCompressSync(content));
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

function isNewer(file: string, than: string): boolean {
  return existsSync(file) && statSync(file).mtimeMs >= statSync(than).mtimeMs;
}

export default defineConfig(({ mode }) => ({
  plugins: [react(), compressed()],
  build: {
    outDir: out,
    emptyOutDir: mode !== "desk",
    target: "es2022",
    cssTarget: "chrome123",
    chunkSizeWarningLimit: 700,
    rolldownOptions: mode === "desk" ? { input: "desk.html" } : {
      output: {
        // A few files rather than one for each icon: a browser fetches six at a time.
        codeSplitting: {
          groups: [
            { name: "kit", test: /node_modules[\\/](?!(echarts|zrender)[\\/])/, priority: 2 },
            // Lines are drawn by one page only, and come with it.
            { name: "charts", test: (id) => /node_modules/.test(id) && !LINES.test(id), priority: 1 },
            {
              name: "shared",
              test: /[\\/]src[\\/](api|live|parts|words)[\\/](?!chart)/,
              minShareCount: 2,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": server } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
}));
