// A change of moves or mechanisms, as it is written in a state (`forbid posture=invade`), in words.
export function said(change: string): string {
  const [kind = "", ...rest] = change.split(" ");
  const [what = "", value = ""] = rest.join(" ").replaceAll("_", " ").split("=").map((part) => part.trim());
  switch (kind) {
    case "drop": return `without ${what}`;
    case "force": return `${what} is always ${value}`;
    case "forbid": return `${what} is never ${value}`;
    case "delay": return `${what} is not ${value.replace(":", " before period ")}`;
    case "reveal": return `${what} known to all`;
    case "hide": return `${what} a secret`;
    case "perception": return `${what} perception`;
    default: return change;
  }
}
