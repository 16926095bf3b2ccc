/** The theme's colours for what is drawn on a canvas, which no style sheet reaches. */
export interface Colours {
  text: string;
  dim: string;
  line: string;
  surface: string;
  accent: string;
  accentSoft: string;
  paused: string;
  /** Of lines that stand side by side. */
  series: string[];
  font: string;
  heat: string[];
  /** A cell of a heat map in which nothing happened. */
  empty: string;
}

export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  const dark = document.documentElement.dataset["mantineColorScheme"] === "dark";
  return {
    text: of("--text"),
    dim: of("--dim"),
    line: of("--line"),
    surface: of("--surface"),
    accent: of("--chart-answered"),
    accentSoft: of("--chart-received"),
    paused: dark ? "rgba(248, 197, 98, 0.13)" : "rgba(217, 148, 16, 0.13)",
    series: [1, 2, 3, 4, 5].map((n) => of(`--series-${n}`)),
    font: getComputedStyle(document.body).fontFamily,
    heat: dark
      ? ["#1b2b36", "#1a4350", "#1b6374", "#26869b", "#4db6cc", "#a5e3f0"]
      : ["#dcedf1", "#c2e0e7", "#97cbd7", "#55a9bc", "#1d86a0", "#0b4a5a"],
    empty: dark ? "#19212b" : "#f1f4f6",
  };
}
