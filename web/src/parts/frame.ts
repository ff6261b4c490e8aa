// Between values of a quantity and places in a picture whose axis Python told.
import type { Axis } from "../types";

export const place_of = (axis: Axis, value: number): number => {
  const part = axis.log ? Math.log(value / axis.low) / Math.log(axis.high / axis.low) : (value - axis.low) / (axis.high - axis.low);
  return axis.left + (axis.right - axis.left) * part;
};

// The value at a place, to four digits: no finer than one can point. Of a quantity with a few values the nearest.
export function value_at(axis: Axis, place: number): number {
  const part = (place - axis.left) / (axis.right - axis.left);
  const value = axis.log ? axis.low * (axis.high / axis.low) ** part : axis.low + (axis.high - axis.low) * part;
  return clamped(axis, axis.few ? value : Number(value.toPrecision(4)));
}

export function clamped(axis: Axis, value: number): number {
  if (axis.few) return axis.values.reduce((best, v) => (Math.abs(v - value) < Math.abs(best - value) ? v : best), value === -Infinity ? axis.values[0]! : axis.values.at(-1)!);
  return Math.min(Math.max(value, axis.values[0]!), axis.values.at(-1)!);
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -Infinity, End: Infinity };
export const is_step = (key: string): boolean => key in STEPS;

// The point of the grid that a key leads to.
export function stepped(axis: Axis, value: number, key: string): number {
  const by = STEPS[key] ?? 0;
  const { values } = axis;
  const slack = 1e-9 * Math.abs(axis.high - axis.low);
  const next = by > 0 ? values.findIndex((v) => v > value + slack) : values.findLastIndex((v) => v < value - slack);
  const from = next < 0 ? (by > 0 ? values.length : -1) : next;
  const k = Math.min(Math.max(from + (by - Math.sign(by)), 0), values.length - 1);
  return Number(values[k]!.toPrecision(6));
}

export const said_of = (value: number): string => `${Number(value.toPrecision(4))}`.replace("-", "\u2212");
