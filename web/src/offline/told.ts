// Numbers in words, as `detente.present.wording.numbers` has them.
const MINUS = "\u2212";
const [SLIGHT, FEW] = [5e-7, 1e-6];

export const places = (error: number): number => (Number.isFinite(error) && error > 0 ? Math.max(0, Math.floor(-Math.log10(error / 2))) : 9);

// So many decimals; what lies in the middle goes to the even side, as in Python.
function fixed(x: number, digits: number): string {
  const k = Math.abs(x) * 10 ** digits;
  return Number.isInteger(x * 1024) && k % 2 === 0.5 ? ((Math.sign(x) * Math.floor(k)) / 10 ** digits).toFixed(digits) : x.toFixed(digits);
}

const hundred = (p: number, digits: number): string => `${fixed(100 * p, digits)}%`;

export function percent(p: number, error = 0): string {
  if (Number.isNaN(p)) return "not defined";
  if (p === 0 || p === 1) return hundred(p, 0);
  if (p > 1 - 1e-12) return "100%";
  const rest = Math.min(p, 1 - p);
  const digits = Math.max(0, Math.min(places(error) - 2, rest >= 0.1 ? 0 : rest >= 0.001 ? 1 : 2));
  const step = 10 ** -(digits + 2);
  if (p < 0.51 * step) return `<${hundred(step, digits)}`;
  if (p > 1 - 0.51 * step) return `>${hundred(1 - step, digits)}`;
  return hundred(p, digits);
}

export function number(x: number, error = 0, digits = 3): string {
  if (Number.isNaN(x)) return "not defined";
  if (Math.abs(x) <= 1e-12) return "0";
  const size = Math.abs(x);
  let keep = Math.max(digits - 1 - Math.floor(Math.log10(size)), 0);
  if (error) keep = Math.min(keep, places(error));
  if (size < 1e-4 || size >= 1e7) {
    const [mantissa, power] = x.toExponential(1).split("e");
    return `${mantissa}e${Number(power)}`.replaceAll("-", MINUS);
  }
  let written = fixed(x, keep);
  if (!Number(written)) return "0";
  if (keep && !error) written = written.replace(/\.?0+$/, "");
  const [whole, part] = written.split(".");
  return (whole!.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "")).replace("-", MINUS);
}

function signed(x: number, error: number): string {
  if (Math.abs(x) < SLIGHT) return "0";
  const written = number(x, error);
  return x > 0 && written !== "0" ? `+${written}` : written;
}

// A difference of probabilities in points of a hundred; a difference of other numbers as it is.
export const shift = (x: number, error: number, chance: boolean): string =>
  Number.isNaN(x) ? "not defined" : chance ? `${Math.abs(x) < FEW ? "0" : signed(100 * x, 100 * error)} pt` : signed(x, error);

export const level = (x: number, error: number, chance: boolean): string => (chance ? percent(x, error) : number(x, error));

// An end of the interval of a probability, which is known less well than its mean.
export const end = (p: number, error: number): string => percent(p, Math.max(Number.isFinite(error) ? error : 0, 0.0005));

export function span(low: number, high: number, error: number): string {
  const [a, b] = [end(low, error), end(high, error)];
  return a === b ? a : `${a} to ${b}`;
}

const bare = /^[\w@%+=:,./-]+$/;
// A word as a shell reads it.
export const quoted = (word: string): string => (bare.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`);
