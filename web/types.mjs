// Makes src/types.ts of the schema that comes through standard input.
import { compile } from "json-schema-to-typescript";
import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

const schema = JSON.parse(await text(process.stdin));
const walk = (value) => {
  if (value === null || typeof value !== "object") return;
  if (value.title !== undefined && typeof value.title === "string" && value !== schema) delete value.title; // names are those of definitions
  if (value.default !== undefined) delete value.default;
  Object.values(value).forEach(walk);
};
for (const definition of Object.values(schema.$defs)) walk(definition);
const made = await compile(schema, "Everything", {
  additionalProperties: false,
  bannerComment: "// Made by `npm run types` from what the server declares. Do not change it by hand.",
  format: false,
  ignoreMinAndMaxItems: true,
});
await writeFile(new URL("./src/types.ts", import.meta.url), made.replaceAll("\r", ""));
