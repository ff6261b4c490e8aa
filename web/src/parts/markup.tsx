// Markup that the server wrote, put in place of what is there with as few changes as there can be: the focus, what is
// folded open and what a reader has been told of stay, and the browser lays out only what is another.
import morphdom from "morphdom";
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
    else {
      const wanted = element.cloneNode(false) as HTMLElement;
      wanted.innerHTML = html;
      morphdom(element, wanted, { childrenOnly: true, onBeforeElUpdated: differs });
    }
    shown.set(element, html);
  }, [html]);
  return <div ref={place} class={name} {...(live ? { "aria-live": "polite" } : {})} />;
}

const shown = new WeakMap<Element, string>();

// Whether an element is to be changed into another; what somebody has folded open stays open.
function differs(from: HTMLElement, to: HTMLElement): boolean {
  if (from.tagName === "DETAILS") to.toggleAttribute("open", from.hasAttribute("open"));
  return !from.isEqualNode(to);
}
