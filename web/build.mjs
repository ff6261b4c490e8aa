// Bundles the page into src/detente/present/web/assets. The same sources and the same lock file give the same bytes.
import { build } from "esbuild";
import { mkdir, readdir, rm } from "node:fs/promises";

const out = new URL("../src/detente/present/web/assets/", import.meta.url).pathname;
await mkdir(out, { recursive: true });
for (const file of await readdir(out)) if (/\.(js|css)$/.test(file)) await rm(out + file);
await build({
  entryPoints: { app: "src/main.tsx", editor: "src/editor.ts" },
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  jsx: "automatic",
  jsxImportSource: "preact",
  external: ["/assets/*"],
  logLevel: "warning",
});
await build({ entryPoints: { app: "src/app.css" }, outdir: out, bundle: true, minify: true, logLevel: "warning" });
// The sliders inside a report: a script of its own, which the report's policy allows by its hash.
await build({
  entryPoints: { offline: "src/offline.ts" },
  outdir: out,
  bundle: true,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  minify: true,
  logLevel: "warning",
});
