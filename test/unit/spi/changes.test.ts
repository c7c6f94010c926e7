import fc from 'fast-check';
import { envChanges, envMarks, fieldChanges, versionFieldChanges } from 'polyfaas/spi';
import { describe, expect, test } from 'vitest';

const VERSION = { memoryMb: 256, timeoutSeconds: 10, artifactDigest: 'a1' };
const environments = fc.dictionary(
  fc.string(),
  fc.oneof(fc.string(), fc.record({ $secret: fc.string() })),
);

describe('What is different between versions', () => {
  test('sizes are told with what they were and are, and code by its name', () => {
    expect(versionFieldChanges(VERSION, VERSION)).toEqual([]);
    expect(
      versionFieldChanges(VERSION, { memoryMb: 512, timeoutSeconds: 20, artifactDigest: 'b2' }),
    ).toEqual([
      { action: 'update', subject: 'memoryMb', from: 256, to: 512 },
      { action: 'update', subject: 'timeoutSeconds', from: 10, to: 20 },
      { action: 'update', subject: 'code' },
    ]);
  });

  test('a field that one side lacks is null there, and JSON keeps it', () => {
    const changes = fieldChanges({ tags: { a: '1' } }, { region: 'eu' }, [
      'tags',
      'region',
      'none',
    ]);
    expect(changes).toEqual([
      { action: 'update', subject: 'tags', from: { a: '1' }, to: null },
      { action: 'update', subject: 'region', from: null, to: 'eu' },
    ]);
    expect(JSON.parse(JSON.stringify(changes))).toEqual(changes);
  });

  test('variables are told by name, whatever is in them', () => {
    fc.assert(
      fc.property(environments, environments, (before, after) => {
        const changes = envChanges(before, after);
        const said = new Map(changes.map(({ subject, action }) => [subject.slice(4), action]));
        expect(said.size).toBe(changes.length);
        for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
          const [was, is] = [Object.hasOwn(before, name), Object.hasOwn(after, name)];
          const isSame = JSON.stringify(before[name]) === JSON.stringify(after[name]);
          const action = !was ? 'create' : !is ? 'delete' : isSame ? undefined : 'update';
          expect(said.get(name)).toBe(action);
        }
        expect(changes.every((change) => !('to' in change) && !('from' in change))).toBe(true);
      }),
    );
  });
});

describe('what is kept of variables', () => {
  const env = { PLACE: 'here', DB: { $secret: 'db' } };
  const marks = envMarks(env, 'shop/dev/orders');

  test('tells which of them changed', () => {
    const other = { PLACE: 'there', DB: { $secret: 'db' }, MORE: '1' };
    expect(envChanges(marks, envMarks(other, 'shop/dev/orders'))).toEqual([
      { action: 'create', subject: 'env MORE' },
      { action: 'update', subject: 'env PLACE' },
    ]);
    expect(envMarks(env, 'shop/dev/orders')).toEqual(marks);
  });

  test('is too little to tell a value, and other for each function', () => {
    expect(Object.values(marks).every((mark) => mark.length === 4)).toBe(true);
    expect(envMarks(env, 'shop/dev/bills')).not.toEqual(marks);
  });
});
