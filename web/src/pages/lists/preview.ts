/** What of a file is sent to be looked at, and how its columns are mapped. Pure. */

/** So much of a text file shows its columns and first rows; a workbook is sent whole. */
export const SLICE_BYTES = 512 * 1024;
const TEXT = /\.(csv|tsv|txt|tab|psv)$/i;

/** Up to which byte to send; the file's size where all of it is needed. `head` is its beginning. */
export function sliceEnd(name: string, size: number, head: Uint8Array): number {
  if (size <= SLICE_BYTES || !TEXT.test(name)) return size;
  // In UTF-16 a line feed is two bytes, and a cut between them would spoil the rest.
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (utf16) return size;
  const lineFeed = head.subarray(0, SLICE_BYTES).lastIndexOf(0x0a);
  return lineFeed < 0 ? size : lineFeed + 1;
}

/** How many rows the whole file has, judged by how many its beginning has. */
export function rowsOfWhole(rows: number, sentBytes: number, size: number): number {
  return sentBytes >= size || sentBytes === 0 ? rows : Math.round((rows * size) / sentBytes);
}

/** The name of a list made of this file: "customers 2026-03.csv" gives "customers 2026-03". */
export function listNameOf(filename: string): string {
  const plain = filename.replace(/\.[a-z0-9]{1,5}$/i, "").replaceAll("_", " ").trim();
  return plain.slice(0, 200) || "list";
}

/**
 * The fields after the column at `index` was given `field`. A field that only one column can have
 * moves: the column that had it becomes an attribute. Phones keep no gaps: without a first number
 * the second becomes the first.
 */
export function chosen(fields: readonly string[], index: number, field: string): string[] {
  const next = fields.map((each, at) => {
    if (at === index) return field;
    return each === field && field !== "ignore" && field !== "attribute" ? "attribute" : each;
  });
  const phones = next
    .map((each, at) => ({ at, rank: phoneRank(each) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => a.rank - b.rank);
  phones.forEach(({ at }, order) => {
    next[at] = order === 0 ? "phone" : `phone_${order + 1}`;
  });
  return next;
}

/** 1 for "phone", 2 for "phone_2" …; 0 for what is no phone. */
export function phoneRank(field: string): number {
  const match = /^phone(?:_(\d+))?$/.exec(field);
  return match === null ? 0 : Number(match[1] ?? 1);
}

/** As the API wants it: by position, from 1. */
export function mappingOf(fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(fields.map((field, at) => [String(at + 1), field]));
}
