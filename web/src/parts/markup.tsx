// Markup that the server wrote, put in place of what is there with as few changes as there can be: what has the focus
// keeps it, what is folded open stays open.
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
    if (element.childElementCount === 0) element.innerHTML = html;
    else Idiomorph.morph(element, html, { morphStyle: "innerHTML", callbacks: { beforeAttributeUpdated: kept } });
    shown.set(element, html);
  }, [html]);
  return <div ref={place} class={name} {...(live ? { "aria-live": "polite" } : {})} />;
}

const shown = new WeakMap<Element, string>();
const kept = (attribute: string, node: Element): boolean => !(attribute === "open" && node.tagName === "DETAILS");
