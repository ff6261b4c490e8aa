// Numbers as they are typed, with a point or a comma as decimal mark.

// The number that is written; undefined where it is none, or could be two: 1,234 is a thousand to some.
export function read(text: string): number | undefined {
  const bare = text.trim().replace("\u2212", "-");
  const plain = bare.includes(".") || /^[+-]?[1-9]\d{0,2},\d{3}$/.test(bare) ? bare : bare.replace(",", ".");
  const value = Number(plain);
  return /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(plain) && Number.isFinite(value) ? value : undefined;
}

export const refused = (text: string): string => `“${text.trim()}” is no number; write it as 0.8 or 0,8, and thousands without a mark.`;
