/** What the table and the charts show of a simulation. Pure. */
import type { SimulatedPacing, Simulation } from "../../api/simulations";

type Slice = SimulatedPacing["slices"][number];

export interface Series {
  /** Into the shift, seconds → the value. */
  points: [number, number | null][];
}

/** Share of the time signed in that agents talked, slice by slice; null where nobody was there. */
export function talking(slices: readonly Slice[]): Series {
  return { points: slices.map((each) => [each.at_s, divided(each.talking_s, each.signed_in_s)]) };
}

/** Abandoned of answered, from the beginning of the shift to the end of each slice. */
export function abandonedSoFar(slices: readonly Slice[]): Series {
  let abandoned = 0;
  let answered = 0;
  return {
    points: slices.map((each) => {
      abandoned += each.abandoned;
      answered += each.answered;
      return [each.at_s, divided(abandoned, answered)];
    }),
  };
}

/** Calls started, as so many an hour. */
export function callsAnHour(slices: readonly Slice[], shiftS: number): Series {
  const lasts = shiftS / Math.max(1, slices.length);
  return { points: slices.map((each) => [each.at_s, (3600 * each.calls) / lasts]) };
}

export function isOver(rate: number | null, target: number): boolean {
  return rate !== null && rate > target;
}

/** How far apart the marks of the time axis are, seconds. */
export function marksEvery(hours: number): number {
  if (hours > 12) return 4 * 3600;
  if (hours > 6) return 2 * 3600;
  if (hours > 2) return 3600;
  return hours > 0.5 ? 900 : 300;
}

export interface Name {
  /** One of the choices, or what the server says. */
  title: string;
  /** What its number counts, and the number; null where it has none. */
  ratio: { kind: string; number: string } | null;
}

/** "best-ratio (lines:1.35)" is the pacing best-ratio, which came to 1.35 lines. */
export function nameOf(pacing: string): Name {
  const best = /^(best-ratio) \((.*)\)$/.exec(pacing);
  const [kind, number] = (best?.[2] ?? pacing).split(":");
  const ratio = kind !== undefined && number !== undefined ? { kind, number } : null;
  return { title: best?.[1] ?? kind ?? pacing, ratio };
}

/** Which pacings still wait for their turn, or are computed now. */
export function waiting({ pacings, results }: Pick<Simulation, "pacings" | "results">): string[] {
  return pacings.slice(results.length);
}

function divided(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
