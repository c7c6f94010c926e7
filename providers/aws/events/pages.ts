/** Lists that come in pages. */

/** All items, in the words of whoever asks. An empty token ends the list, as none does. */
export async function everyItem<Item>(
  ask: (token: string | undefined) => Promise<{
    readonly items: readonly Item[] | undefined;
    readonly next: string | undefined;
  }>,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await ask(token);
    found.push(...(items ?? []));
    token = next === '' ? undefined : next;
  } while (token !== undefined);
  return found;
}

/** The same in the words of API Gateway. */
export function everyPage<Item>(
  ask: (token: string | undefined) => Promise<{
    readonly Items?: readonly Item[] | undefined;
    readonly NextToken?: string | undefined;
  }>,
): Promise<readonly Item[]> {
  return everyItem(async (token) => {
    const { Items, NextToken } = await ask(token);
    return { items: Items, next: NextToken };
  });
}
