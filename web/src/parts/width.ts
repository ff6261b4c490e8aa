// Whether the page is as narrow as on a phone.
import { signal } from "@preact/signals";

const narrow = matchMedia("(max-width: 40rem)");
export const phone = signal(narrow.matches);
narrow.addEventListener("change", (e) => { phone.value = e.matches; });
