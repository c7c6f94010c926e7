const UNASKED = new Set(['services', 'busy', 'stop', 'then']);

/** A part that a test left out: whoever reaches for it is told so. */
export function missing<Port extends object>(name: string): Port {
  const nothing = new Proxy(
    {},
    {
      get(_, key) {
        if (typeof key === 'symbol' || UNASKED.has(key)) return undefined;
        throw new Error(`This world was made without the part "${name}".`);
      },
    },
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every use of it throws
  return nothing as Port;
}
