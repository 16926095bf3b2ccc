/** Keyboard shortcuts: who listens to which key now. Keys typed into a field stay there. */
import { useEffect, useRef } from "react";

const KEPT = "caesura-desk-single-keys";
const handlers = new Map<string, (() => void)[]>();

/** "m", "?", "shift+x": as `useKey` names it. Pure. */
export function nameOfKey(event: Pick<KeyboardEvent, "key" | "shiftKey">): string {
  const key = event.key.toLowerCase();
  return event.shiftKey && /^[a-z]$/.test(key) ? `shift+${key}` : key;
}

/** Whether what is typed goes into a field, or to a menu or dialog that has keys of its own. */
function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest("textarea, select, [role=menu], [role=listbox], [role=dialog]") !== null ||
    (target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type))
  );
}

/** Listen to all keys; returns what stops it. */
export function listen(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (isTaken(event.target)) return;
    const name = nameOfKey(event);
    if (name !== "?" && !singleKeys()) return;
    const handler = handlers.get(name)?.at(-1); // whoever came last
    if (!handler) return;
    event.preventDefault();
    handler();
  };
  window.addEventListener("keydown", onKey);
  return () => window.removeEventListener("keydown", onKey);
}

/** Single letters do something; somebody whose voice or hand triggers them can switch that off. */
export function singleKeys(): boolean {
  return localStorage.getItem(KEPT) !== "off";
}

export function keepSingleKeys(on: boolean): void {
  localStorage.setItem(KEPT, on ? "on" : "off");
}

/** Do this on that key, while `enabled`. */
export function useKey(name: string, run: () => void, enabled = true): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!enabled) return;
    const handler = (): void => latest.current();
    const all = handlers.get(name) ?? [];
    handlers.set(name, [...all, handler]);
    return () => {
      handlers.set(
        name,
        (handlers.get(name) ?? []).filter((each) => each !== handler),
      );
    };
  }, [name, enabled]);
}
