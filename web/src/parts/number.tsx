// A field in which a number is typed, with a point or a comma as decimal mark. What is no number is refused in words: a
// browser's own number field drops a comma, and reads 0,8 as 8.
import { useEffect, useId, useState } from "preact/hooks";
import { read, refused } from "./decimal";

interface Props {
  value?: number | string | undefined;
  set: (value: number | undefined) => void; // undefined: nothing is written
  live?: boolean; // tell each number while it is typed, and not only when one is done
  whole?: boolean;
  low?: number | undefined;
  high?: number | undefined;
  placeholder?: string;
  [attribute: string]: unknown;
}

export function NumberField({ value, set, live = false, whole = false, low, high, ...rest }: Props) {
  const known = value === undefined || value === null ? "" : String(value);
  const [text, write] = useState(known);
  const [wrong, tell] = useState("");
  const why = useId();
  useEffect(() => {
    if (known === "" ? read(text) !== undefined : read(text) !== Number(known)) [write(known), tell("")];
  }, [known]);
  const refusal = (typed: string): string => {
    if (typed.trim() === "") return "";
    const found = read(typed);
    if (found === undefined) return refused(typed);
    if (whole && !Number.isInteger(found)) return `${found} is not a whole number.`;
    if (low !== undefined && found < low) return `${found} is less than ${low}.`;
    if (high !== undefined && found > high) return `${found} is more than ${high}.`;
    return "";
  };
  const take = (typed: string): void => {
    const said = refusal(typed);
    if (said === "" && !(typed.trim() === "" && !live)) set(typed.trim() === "" ? undefined : read(typed));
  };
  const settle = (typed: string): void => {
    const found = read(typed);
    if (!live) take(typed);
    if (found !== undefined && refusal(typed) === "") write(String(found)); // as it was read
    else if (!live && typed.trim() === "") write(known);
  };
  return (
    <>
      <input {...rest} type="text" inputMode="decimal" autocomplete="off" class="number" value={text} aria-invalid={wrong !== "" || rest["aria-invalid"] === true}
        {...(wrong ? { "aria-describedby": [rest["aria-describedby"], why].filter(Boolean).join(" ") } : {})}
        ref={(e) => e?.setCustomValidity(wrong)}
        onInput={(e) => { write(e.currentTarget.value); if (live) take(e.currentTarget.value); if (wrong) tell(refusal(e.currentTarget.value)); }}
        onChange={(e) => { tell(refusal(e.currentTarget.value)); settle(e.currentTarget.value); }} />
      {wrong && <span id={why} class="why small" role="alert">{wrong}</span>}
    </>
  );
}
