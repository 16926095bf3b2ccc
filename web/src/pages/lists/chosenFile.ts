/** A file on its way from where it was dropped to the page that imports it. */
export interface Chosen {
  readonly file: File;
  /** The list to add to; null: a new one. */
  readonly list: string | null;
}

let chosen: Chosen | null = null;

export function choose(file: File, list: string | null = null): void {
  chosen = { file, list };
}

export function whatWasChosen(): Chosen | null {
  return chosen;
}

export function forget(): void {
  chosen = null;
}
