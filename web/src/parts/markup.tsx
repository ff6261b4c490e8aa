// Markup that the server wrote, put in place of what is there. Where somebody is in it (the focus, a part folded open, a
// reader that is told of changes) as few changes are made as there can be; else all is replaced, in a quarter of the time.
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  html: string | undefined;
  class?: string;
  live?: boolean; // whether screen readers tell its changes
}

export function Markup({ html, class: name, live }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element || html === undefined || shown.get(element) === html) return;
    const used = live || element.contains(document.activeElement) || element.querySelector("details[open]");
    if (!used || element.childElementCount === 0) element.innerHTML = html;
    else Idiomorph.morph(element, html, { morphStyle: "innerHTML", callbacks: { beforeAttributeUpdated: kept } });
    shown.set(element, html);
  }, [html]);
  return <div ref={place} class={name} {...(live ? { "aria-live": "polite" } : {})} />;
}

const shown = new WeakMap<Element, string>();
const kept = (attribute: string, node: Element): boolean => !(attribute === "open" && node.tagName === "DETAILS");
