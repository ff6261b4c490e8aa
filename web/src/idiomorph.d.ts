declare module "idiomorph/dist/idiomorph.esm.js" {
  interface Options {
    morphStyle?: "innerHTML" | "outerHTML";
    callbacks?: { beforeAttributeUpdated?: (attribute: string, node: Element, kind: "update" | "remove") => boolean };
  }
  export const Idiomorph: { morph(old: Element, html: string, options?: Options): void };
}
