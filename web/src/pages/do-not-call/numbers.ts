/** Numbers out of what somebody typed or pasted. Pure. */

export const MANY_MAX = 100_000;

/** Each number once, in the order given; lines, commas and semicolons come between. */
export function numbersIn(text: string): string[] {
  const found = text
    .split(/[\n\r,;\t]+/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
  return [...new Set(found)];
}

/** Which number the server means by "phones[3]"; null if it means none. */
export function numberMeant(field: string, numbers: readonly string[]): string | null {
  const match = /^phones\[(\d+)\]$/.exec(field);
  return match === null ? null : (numbers[Number(match[1])] ?? null);
}

/** What is searched for, as numbers are kept: "+1 (415)" as "+1415", "1415" as "+1415". */
export function beginningOf(text: string): string | null {
  const digits = text.replace(/\D/g, "").replace(/^00/, "");
  return digits === "" ? null : `+${digits}`;
}
