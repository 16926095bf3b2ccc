/** Settings that two people changed at once: what differs, and one put on top of the other. Pure. */

export interface Change {
  /** Dotted from the top: "pacing.concurrency". */
  path: string;
  before: unknown;
  now: unknown;
}

/** The leaves in which two settings differ; lists count as leaves. */
export function changes(before: unknown, now: unknown, path = ""): Change[] {
  if (isObject(before) && isObject(now)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return names.flatMap((name) =>
      changes(before[name], now[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [{ path, before, now }];
}

/** `theirs` with what changed from `base` to `mine` put on top. */
export function onTop<Type>(base: Type, mine: Type, theirs: Type): Type {
  if (isObject(base) && isObject(mine) && isObject(theirs)) {
    const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
    const merged: Record<string, unknown> = {};
    for (const name of names) {
      const value = onTop(base[name], mine[name], theirs[name]);
      if (value !== undefined) merged[name] = value;
    }
    return merged as Type;
  }
  return JSON.stringify(base) === JSON.stringify(mine) ? theirs : mine;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
