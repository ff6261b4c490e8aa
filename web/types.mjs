// Makes src/types.ts of the schema that comes through standard input.
import { compile } from "json-schema-to-typescript";
import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

const schema = JSON.parse(await text(process.stdin));
// Names are those of definitions, and a default says nothing about a type.
const bare = (part) => {
  if (part === null || typeof part !== "object") return;
  if (!Array.isArray(part)) delete part.title, delete part.default;
  for (const [key, value] of Object.entries(part)) key === "properties" ? Object.values(value).forEach(bare) : bare(value);
};
Object.values(schema.$defs).forEach(bare);
const made = await compile(schema, "Everything", {
  additionalProperties: false,
  bannerComment: "// Made by `npm run types` from what the server declares. Do not change it by hand.",
  format: false,
  ignoreMinAndMaxItems: true,
});
await writeFile(new URL("./src/types.ts", import.meta.url), made.replaceAll("\r", ""));
