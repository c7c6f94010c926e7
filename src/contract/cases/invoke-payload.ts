import assert from 'node:assert/strict';
import { ServerlessError } from '../../errors/index.ts';
import type { JsonValue } from '../../function/json.types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import type { ContractContext } from '../context.ts';

const invoke = casesOf('invoke');

/** Sends each value there and back through one deployed function. */
function roundTrip(values: readonly JsonValue[]): (t: ContractContext) => Promise<void> {
  return async (t) => {
    const { manager } = await t.standing();
    for (const value of values) {
      assert.deepEqual(await t.call(manager, { op: 'echo', value }), value);
    }
  };
}

function nested(depth: number): JsonValue {
  let value: JsonValue = 'bottom';
  for (let level = 0; level < depth; level += 1)
    value = level % 2 === 0 ? [value] : { level: value };
  return value;
}

/** Platforms that pass on more need not show how much: it would take seconds. */
const LARGEST_ANSWER = 40 * 1_048_576;
const LARGE_ANSWER = 8 * 1_048_576;
/** More than an adapter may keep free for what goes beside an input, and an answer has not. */
const BEYOND = 1_048_576;

/** What JSON cannot say, by name; each sits at `outer.inner`. */
const LOSSES: Readonly<Record<string, () => unknown>> = {
  bigint: () => ({ outer: { inner: 1n } }),
  map: () => ({ outer: { inner: new Map([[1, 2]]) } }),
  set: () => ({ outer: { inner: new Set([1]) } }),
  nan: () => ({ outer: { inner: Number.NaN } }),
  infinity: () => ({ outer: { inner: Number.NEGATIVE_INFINITY } }),
  function: () => ({ outer: { inner: () => 1 } }),
  bytes: () => ({ outer: { inner: new Uint8Array([1]) } }),
  cycle: () => {
    const inner: Record<string, unknown> = {};
    inner['inner'] = inner;
    return { outer: inner };
  },
};

/** What goes in and out. */
export const INVOKE_PAYLOAD_CASES: readonly ContractCase[] = [
  invoke(
    'json-scalars',
    'Null, booleans and texts come back as they went',
    ['invoke.sync'],
    roundTrip([null, true, false, '', 'text', '0', 'null']),
  ),
  invoke(
    'json-numbers',
    'Numbers come back as they went',
    ['invoke.sync'],
    roundTrip([0, -1, 1.5, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE]),
  ),
  invoke(
    'json-empty',
    'Empty objects and lists stay what they are',
    ['invoke.sync'],
    roundTrip([{}, [], [[]], { a: {} }, [null], { '': '' }]),
  ),
  invoke(
    'json-unicode',
    'All of Unicode comes back, line separators and half pairs included',
    ['invoke.sync'],
    roundTrip([
      'äöü€',
      '𝄞👩‍👩‍👧',
      '\u2028\u2029',
      '\u0000\u0001"\\\n\r\t',
      '\ud800 alone',
      { 'schlüssel 🔑': '値' },
    ]),
  ),
  invoke(
    'json-keys',
    'Unusual keys come back, and none of them is special',
    ['invoke.sync'],
    roundTrip([
      JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":"x","a.b":2,"$ref":3}'),
    ]),
  ),
  invoke('json-deep', 'Deep values come back', ['invoke.sync'], roundTrip([nested(200)])),
  invoke(
    'json-wide',
    'Long lists come back',
    ['invoke.sync'],
    roundTrip([Array.from({ length: 20_000 }, (_, index) => ({ index }))]),
  ),
  invoke('json-large', 'A payload of a megabyte comes back', ['invoke.sync'], async (t) => {
    const { manager } = await t.standing();
    const value = 'ü'.repeat(512 * 1024 - 100);
    const output = await t.call(manager, { op: 'echo', value });
    assert.ok(output === value, 'the text is the same');
  }),
  invoke(
    'json-forms',
    'Dates, undefined and toJSON follow JSON, both ways',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const { output } = await manager.invoke('main', {
        op: 'echo',
        value: { at: new Date(0), gone: undefined, own: { toJSON: () => 'own form' } },
      });
      const expected = { at: '1970-01-01T00:00:00.000Z', own: 'own form' };
      assert.deepEqual(output, expected);
      assert.deepEqual(await t.call(manager, { op: 'date' }), expected);
    },
  ),
  invoke('json-nothing', 'No answer is null, and no input is null', ['invoke.sync'], async (t) => {
    const { manager } = await t.standing();
    assert.equal(await t.call(manager, { op: 'nothing' }), null);
    assert.equal((await manager.invoke('main')).output, null);
  }),
  invoke(
    'json-refused-in',
    'Input that JSON would lose is refused with its path, and the function does not run',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      for (const [what, make] of Object.entries(LOSSES)) {
        const value = make();
        const error = await t.refused(() => manager.invoke('main', { op: 'state', value }), {
          code: 'INVALID_ARGUMENT',
        });
        assert.match(error.message, /value.*outer.*inner/s, `the path of the ${what}`);
      }
      const { output } = await manager.invoke('main', { op: 'peek' });
      assert.ok(typeof output === 'object' && output !== null && 'calls' in output);
      assert.equal(output['calls'], 0);
    },
  ),
  invoke(
    'json-refused-out',
    'An answer that JSON would lose is the function’s failure, with the path',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      for (const what of Object.keys(LOSSES)) {
        const error = await t.refused(() => manager.invoke('main', { op: 'lose', what }), {
          code: 'FUNCTION_FAILED',
        });
        assert.match(error.message, /outer.*inner/s, `the path of the ${what}`);
      }
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  invoke(
    'payload-limit',
    'A payload over the platform’s limit is refused, and the function does not run',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      const value = 'x'.repeat(t.capabilities.limits.syncPayloadBytes + 1);
      await t.refused(() => manager.invoke('main', { op: 'state', value }), {
        code: 'PAYLOAD_TOO_LARGE',
      });
      const { output } = await manager.invoke('main', { op: 'peek' });
      assert.ok(typeof output === 'object' && output !== null && 'calls' in output);
      assert.equal(output['calls'], 0);
    },
  ),
  invoke(
    'answer-limit',
    'An answer over the platform’s limit is told to be too large, and one that is passed on is whole',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const { syncPayloadBytes } = t.capabilities.limits;
      const length = syncPayloadBytes > LARGEST_ANSWER ? LARGE_ANSWER : syncPayloadBytes + BEYOND;
      const answered = await manager.invoke('main', { op: 'large', length }).then(
        ({ output }) => (typeof output === 'string' ? output.length : 'another value'),
        (error: unknown) => (ServerlessError.isInstance(error) ? error.code : String(error)),
      );
      assert.ok(
        answered === length || answered === 'PAYLOAD_TOO_LARGE',
        `an answer of ${length} characters arrived as ${answered}`,
      );
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  invoke(
    'payload-limit-async',
    'An asynchronous payload over the limit is refused',
    ['invoke.async'],
    async (t) => {
      const { manager } = await t.deployed();
      const value = 'x'.repeat(t.capabilities.limits.asyncPayloadBytes + 1);
      await t.refused(() => manager.invoke('main', { value }, { mode: 'async' }), {
        code: 'PAYLOAD_TOO_LARGE',
      });
      await t.subject.settle();
      assert.equal(t.reports('invoke').length, 0);
    },
  ),
];
