/** A function in two releases that differ in everything: whoever mixes them is found out. */
import { createServerlessManager, type FunctionSpec, type ServerlessManager } from 'polyfaas';
import { createLocalProvider, LOCAL, type LocalPlatform } from 'polyfaas/local';

type Effects = NonNullable<Parameters<typeof createLocalProvider>[1]>;

/** What the function says of itself. */
export type Release = {
  readonly code: number;
  readonly env: string;
  readonly memoryMb: number;
};

export const release = (number: 1 | 2): FunctionSpec => ({
  source: `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as pause } from 'node:timers/promises';
    import { defineFunction } from 'polyfaas/function';
    export default defineFunction({
      invoke: (_input, context) =>
        ({ code: ${number}, env: process.env.RELEASE, memoryMb: context.memoryMb }),
      http: () => new Response('release ${number}'),
      queue: async (batch) => {
        await pause(5);
        for (const { data } of batch.messages) appendFileSync(data.file, data.id + '\\n');
      },
    });`,
  env: { RELEASE: String(number) },
  memoryMb: 128 * number,
  maxInstances: 2,
  description: `release ${number}`,
  events: [
    { type: 'queue', id: 'orders', queue: 'orders', batchSize: 2 },
    { type: 'http', id: `route-${number}`, path: `/release-${number}` },
  ],
});

export function openShop(root: string, effects?: Effects): Promise<ServerlessManager> {
  return createServerlessManager(
    { app: 'shop', root, functions: { counter: release(1) } },
    { telemetry: false, provider: (parts) => createLocalProvider(parts, effects) },
  );
}

export function localOf(manager: ServerlessManager): LocalPlatform {
  const local = manager.native(LOCAL);
  if (!local) throw new Error('this manager has the local provider');
  return local;
}
