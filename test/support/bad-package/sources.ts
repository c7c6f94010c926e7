/**
 * Whether it loads, its environment decides: what cannot be loaded here either is refused before anything is sent. Such as
 * is to fail where it runs is declared with {@link HANDLES}, and not loaded here.
 */
export const handler = (answer: string): string =>
  `export const handler = async () => ({ said: '${answer}', place: process.env.PLACE ?? null, left: process.env.NEW ?? null });`;

export const HANDLES = ['invoke'] as const;

const unlessOld = (what: string): string => `if (process.env.NEW) ${what}\n${handler('b')}`;

/** Each does it where `NEW` is set, and answers `b` where it is not. */
export const BROKEN = {
  throws: unlessOld(`throw new TypeError('no database at ' + process.env.PLACE);`),
  exits: unlessOld('process.exit(3);'),
  neverEnds: unlessOld('await new Promise((resolve) => setTimeout(resolve, 3_600_000));'),
  takesAllMemory: `const all = []; ${unlessOld('for (;;) all.push(new Array(1_000_000).fill(all.length));')}`,
  tooEarly: unlessOld(`throw new RangeError('too early');`),
};
