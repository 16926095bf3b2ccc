/** Collections that come page by page. */
import { ask } from "./client";

interface PageOf<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** Every item, asked page by page; for collections that are small by nature, as trunks. */
export async function allOf<Item>(
  page: (cursor: string | null) => Promise<{ data?: PageOf<Item> }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const found: PageOf<Item> = (await ask(page(cursor))) as PageOf<Item>;
    items.push(...found.items);
    cursor = found.next_cursor;
  } while (cursor !== null);
  return items;
}
