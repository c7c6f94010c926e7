/** The functions that `packaging.ts` packages: ten files of their own, and packages that are installed here. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a shop's entry is made of. */
export interface Shop {
  /** Packages that it imports. */
  readonly packages: readonly string[];
  readonly entry: string;
}

const ordersOf = (imports: string, globals: string, body: string, answer: string): string =>
  `${imports}import { Cron } from 'croner';
import { SignJWT } from 'jose';
import { parse } from 'yaml';
import { z } from 'zod';
import { step } from './lib/part-0.ts';

const Order = z.object({ id: z.number(), note: z.string().optional(), when: z.string() });
${globals}
export const handler = async (event: unknown): Promise<unknown> => {
  const order = Order.parse(event);
  const settings: unknown = parse('currency: EUR');
  const token = new SignJWT({ id: order.id }).setProtectedHeader({ alg: 'HS256' });
${body}  return { total: step(order.id), next: new Cron(order.when).nextRun(), settings, token: typeof token${answer} };
};
`;

/** Four packages, some 150 KB of zip: what every packaging costs weighs much in it. */
export const SMALL: Shop = {
  packages: ['zod', 'jose', 'croner', 'yaml'],
  entry: ordersOf('', '', '', ''),
};

/** The same, and an SDK of a cloud: of the size of the function that the goal was set on. */
export const LARGE: Shop = {
  packages: [...SMALL.packages, '@aws-sdk/client-s3'],
  entry: ordersOf(
    `import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';\n`,
    'const store = new S3Client({});\n',
    `  const place = { Bucket: 'orders', Key: String(order.id) };
  await store.send(new PutObjectCommand({ ...place, Body: order.note }));
  const kept = await store.send(new GetObjectCommand(place));
`,
    ', kept: kept.ETag',
  ),
};

/** Writes a shop. Its packages are those of `modules`. */
export function makeShop(root: string, { entry }: Shop, modules: string): void {
  mkdirSync(join(root, 'lib'), { recursive: true });
  const parts = Array.from({ length: 9 }, (_, index) => `part-${index}`);
  for (const [index, name] of parts.entries()) {
    const next = parts[index + 1];
    writeFileSync(
      join(root, 'lib', `${name}.ts`),
      `${next === undefined ? '' : `import { step as next } from './${next}.ts';\n`}
export interface Line${index} { readonly price: number; readonly count: number; readonly note?: string }
export const discount${index} = (line: Line${index}): number => Math.round(line.price * line.count * 0.9${index});
export const step = (value: number): number => ${next === undefined ? 'value' : 'next(value)'} + discount${index}({ price: value, count: ${index} });\n`,
    );
  }
  writeFileSync(join(root, 'orders.ts'), entry);
  symlinkSync(modules, join(root, 'node_modules'), 'dir');
}
