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
await build({ entryPoints: { app: "src/app.css", widget: "src/notebook/widget.css" }, outdir: out, bundle: true, minify: true, logLevel: "warning" });
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
// The pieces in a notebook: a module whose body is a function, run once for each view, so that what is of one page there
// (its state, its connection) is of one view here, also where several views share a module.
await build({
  entryPoints: { widget: "src/notebook/widget.tsx" },
  outdir: out,
  bundle: true,
  format: "iife",
  globalName: "view",
  target: "es2022",
  charset: "ascii",
  minify: true,
  legalComments: "eof",
  jsx: "automatic",
  jsxImportSource: "preact",
  banner: { js: "export default{render(context){" },
  footer: { js: "return view.start()}};" },
  plugins: [{ name: "host", setup: (made) => made.onResolve({ filter: /^\.\.?\/host$/ }, () => ({ path: new URL("src/notebook/host.ts", import.meta.url).pathname })) }],
  logLevel: "warning",
});
