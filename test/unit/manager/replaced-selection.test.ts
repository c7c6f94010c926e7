import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager, type EventSpec, type ServerlessManager } from 'polyfaas';
import { beforeEach, expect, it, onTestFinished } from 'vitest';

let manager: ServerlessManager;
beforeEach(async () => {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-selection-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const source = 'export default { bus() {}, topic() {}, object() {} };';
  manager = await createServerlessManager({ app: 'shop', root, functions: { f: { source } } });
  onTestFinished(() => manager.close());
  await manager.deploy('f');
});

const warningsOf = async (event: EventSpec): Promise<readonly string[]> =>
  (await manager.configureEvent('f', event)).warnings.map(({ field }) => field ?? '');

it.each<[EventSpec, EventSpec, string]>([
  [
    { type: 'bus', pattern: { type: ['a'] } },
    { type: 'bus', pattern: { type: ['b'] } },
    'event.pattern',
  ],
  [
    { type: 'topic', topic: 't', filter: { country: ['de'] } },
    { type: 'topic', topic: 't' },
    'event.filter',
  ],
  [{ type: 'object', bucket: 'b', prefix: 'a/' }, { type: 'object', bucket: 'b' }, 'event.prefix'],
])('says that %j is replaced', async (first, second, field) => {
  expect(await warningsOf(first)).toEqual([]);
  expect(await warningsOf(first)).toEqual([]);
  expect(await warningsOf(second)).toEqual([field]);
  // With an id it is meant.
  expect(await warningsOf({ ...first, id: 'mine' })).toEqual([]);
  expect(await warningsOf({ ...second, id: 'mine' })).toEqual([]);
});

it('says nothing of other settings that change', async () => {
  expect(await warningsOf({ type: 'topic', topic: 't' })).toEqual([]);
  expect(await warningsOf({ type: 'topic', topic: 't', retry: { maxAttempts: 9 } })).toEqual([]);
});
