/** Settings and their values as people read them. */
import { count } from "../format";

/** "pacing.concurrency" as "Pacing: concurrency". */
export function settingName(path: string): string {
  const [first = "", ...rest] = path.split(".").map((part) => part.replaceAll("_", " "));
  const head = first.slice(0, 1).toUpperCase() + first.slice(1);
  return rest.length > 0 ? `${head}: ${rest.join(", ")}` : head;
}

export function settingText(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "number") return count(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    return value.length === 0 ? "none" : value.map((each) => settingText(each)).join(", ");
  }
  return Object.entries(value as Record<string, unknown>)
    .map(([name, each]) => `${name.replaceAll("_", " ")} ${settingText(each)}`)
    .join("; ");
}
