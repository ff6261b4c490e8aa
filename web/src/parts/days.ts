// Days as the server writes them (2022-02-16), counted and told.
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const LENGTH = 86_400_000;

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);

export const between = (first: string, day: string): number => Math.round((at(day) - at(first)) / LENGTH);
export const plus = (day: string, days: number): string => new Date(at(day) + days * LENGTH).toISOString().slice(0, 10);
export const clamp = (day: string, first: string, last: string): string => (day < first ? first : day > last ? last : day);

// 16 February 2022; without the year where `short`.
export function told(day: string, short = false): string {
  const [year, month, number] = day.split("-").map(Number);
  const name = MONTHS[(month ?? 1) - 1] ?? "";
  return short ? `${number} ${name.length > 5 ? `${name.slice(0, 3)}` : name}` : `${number} ${name} ${year}`;
}
