import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { failureOf, useHarness } from './harness.ts';

const harness = useHarness();

describe('an environment that no process can be given', () => {
  const given = (env: Readonly<Record<string, string>>, startMs = 30_000) =>
    harness.pool('invoke: () => 1', {
      settings: { isolation: 'process', env },
      tuning: { startMs },
    });

  it.each([
    ['a NUL character in a value', { DB: 'S3cr3t\0Value' }, /"DB".*NUL character/],
    ['a NUL character in a name', { 'D\0B': 'S3cr3tValue' }, /"D\\u0000B".*NUL character/],
    ['a value that is too large', { DB: 'S3cr3t'.repeat(30_000) }, /too large.*"DB"/],
  ])('fails the call and the warming: %s', async (_name, env, reason) => {
    const pool = given(env);
    for (const failure of [await pool.failure(), await failureOf(pool.warm(1))]) {
      expect(failure).toMatchObject({
        code: 'FUNCTION_FAILED',
        function: 'orders',
        provider: 'local',
        details: { phase: 'init' },
      });
      expect(failure.message).toMatch(reason);
      // Neither the value nor Node's message, which holds it.
      expect(inspect(failure, { depth: 9 })).not.toContain('S3cr3t');
    }
    expect(pool.warnings.join()).not.toContain('S3cr3t');
    expect(pool.stats()).toMatchObject({ instances: 0, waiting: 0, quarantined: 0 });
  });

  it('leaves nothing behind that could fail later, also when it closes at once', async () => {
    const pool = given({ DB: 'a\0b' }, 1);
    const failure = pool.failure();
    await pool.close();
    expect((await failure).code).toMatch(/FUNCTION_FAILED|CANCELLED/);
    await expect(given({ DB: 'a\0b' }, 1).failure()).resolves.toMatchObject({
      code: 'FUNCTION_FAILED',
    });
    // Longer than the start may take: what a timer does then would be an uncaught error, which fails the test run.
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('is fine in a thread', async () => {
    const pool = harness.pool('invoke: () => process.env.DB.length', {
      settings: { isolation: 'thread', env: { DB: 'x'.repeat(200_000) } },
    });
    expect((await pool.invoke()).output).toBe(200_000);
  });
});
