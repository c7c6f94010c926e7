/**
 * A package that does not start, or is too large: the deploy fails with its own error, the version before goes on serving
 * with the environment that is its own, and the same deploy, repaired, goes on from there.
 */
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import type { ProviderFactory, ServerlessProvider } from 'polyfaas/spi';
import { createVercelProvider } from 'polyfaas/vercel';
import { assertBackAgain } from '../support/bad-package/back-again.ts';
import { assertFirstRemoved, assertFirstRepaired } from '../support/bad-package/first-package.ts';
import { assertNothingLeft } from '../support/bad-package/nothing-left.ts';
import { assertServedAndRepaired } from '../support/bad-package/served-and-repaired.ts';
import { BROKEN, handler } from '../support/bad-package/sources.ts';
import { whileTimePasses } from '../support/bad-package/while-time-passes.ts';
import { EVENTS_SOURCE, refusals, type Refusal } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, assertRefusal } = refusals(() => stage);

const KINDS: readonly (readonly [string, string, Refusal])[] = [
  [
    'throws',
    BROKEN.throws,
    { code: 'FUNCTION_FAILED', says: [/did not start/, /TypeError: no database at b/] },
  ],
  ['exits', BROKEN.exits, { code: 'FUNCTION_FAILED', says: [/main/, /process\.exit/, /logs/] }],
  [
    'never ends to load',
    BROKEN.neverEnds,
    { code: 'TIMEOUT', says: [/See that the version answers/, /180 s/, /Run the same operation/] },
  ],
  [
    'takes all memory',
    BROKEN.takesAllMemory,
    { code: 'FUNCTION_FAILED', says: [/main/, /memoryMb/] },
  ],
];

describe('code that', () => {
  it.each(KINDS)('%s', async (kind, source, refusal) => {
    const app = `bad-${kind.replaceAll(' ', '-')}`;
    const of = (spec: FunctionSpec) => stage.manager({ app, functions: { main: spec } });
    const isSilent = refusal.code === 'TIMEOUT';
    await assertServedAndRepaired(of, { source, memoryMb: 128 }, (deploy) =>
      assertRefusal(refusal, () =>
        isSilent ? whileTimePasses(stage.clock, 5_000, deploy) : deploy(),
      ),
    );
    assertNothingLeft(stage, app);
  });

  it.each<readonly [string, string, readonly RegExp[]]>([
    ['is no JavaScript', 'export const handler = async () => {', [/main/, /Expected|Unexpected/]],
    ['does not load anywhere', `throw new Error('never');\n${handler('b')}`, [/main/, /never/]],
    ['needs what is not there', `import 'not-installed';\n${handler('b')}`, [/not-installed/]],
  ])('%s: nothing is made', async (_what, source, says) => {
    const manager = await stage.manager({ app: 'bad-here', functions: { main: { source } } });
    await assertEarly({ code: 'INVALID_ARGUMENT', says }, () => manager.deploy('main'));
  });
});

describe('after a deploy that failed', () => {
  it('the version before, declared again, is what is there: nothing is deployed', () =>
    assertBackAgain(stage, { assertRefusal }, (call) => call.startsWith('POST v13/')));
});

describe('a first package', () => {
  const refusal: Refusal = { code: 'FUNCTION_FAILED', says: [/RangeError: too early/] };

  it('that does not load leaves nothing that serves; repaired, it does', () =>
    assertFirstRepaired(stage, { assertRefusal }, refusal));

  it('that does not load can be removed', () =>
    assertFirstRemoved(stage, { assertRefusal }, refusal));
});

describe('a package with', () => {
  /** As Vercel's, with less room. */
  const small =
    (limits: ServerlessProvider['packaging']['limits']): ProviderFactory =>
    (parts) => {
      const provider = createVercelProvider(parts);
      return { ...provider, packaging: { ...provider.packaging, limits } };
    };
  const room = 10_000_000;

  it.each([
    ['too large a zip', { zipBytes: 60_000, unpackedBytes: room }, /60000 bytes/],
    ['too much in it', { zipBytes: room, unpackedBytes: 150_000 }, /150000 bytes/],
  ])('%s: nothing is made', async (_what, limits, says) => {
    await writeFile(join(stage.root, 'large.bin'), crypto.getRandomValues(new Uint8Array(60_000)));
    const spec: FunctionSpec = { source: handler('a'), package: { include: ['large.bin'] } };
    const config = { app: 'bad-large', functions: { main: spec } };
    const manager = await stage.manager(config, small(limits));
    await assertEarly({ code: 'PAYLOAD_TOO_LARGE', says: [/main/, says, /package\.include/] }, () =>
      manager.deploy('main'),
    );
  });

  it('more files than are noted: its events are changed with it alone', async () => {
    const app = 'many-files';
    const folder = join(stage.root, 'many');
    await mkdir(folder);
    const files = Array.from({ length: 500 }, (_, index) => `many/${longName(index)}.txt`);
    await Promise.all(files.map((file) => writeFile(join(stage.root, file), file)));
    const event = { type: 'http', id: 'route', path: '/orders' } as const;
    const main: FunctionSpec = { source: EVENTS_SOURCE, package: { include: ['many/**'] } };
    const manager = await stage.manager({ app, functions: { main } });
    await manager.deploy('main');
    await assertEarly(
      { code: 'CONFLICT', says: [/too many of them/, /Declare the events/, /deploy "main"/] },
      () => manager.configureEvent('main', event),
    );
    const declared = await stage.manager({
      app,
      functions: { main: { ...main, events: [event] } },
    });
    const { steps } = await declared.plan('main');
    expect(JSON.stringify(steps)).toContain('"source":"artifact"');
    await rm(folder, { recursive: true });
  });
});

/** One that cannot be packed: a few hundred of them are more than there is room for. */
function longName(index: number): string {
  return createHash('sha256').update(String(index)).digest('hex');
}
