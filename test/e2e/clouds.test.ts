/** The program of `npm run demo:clouds`: one program, and the same answers on every platform. */
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../clouds/platforms.ts';
import { VERBS } from '../clouds/program.ts';
import { differing, table, type Row } from '../clouds/table.ts';
import { tour } from '../clouds/tour.ts';

describe('one program on every platform', () => {
  test('gives the same answers everywhere', async () => {
    const rows: Row[] = [];
    for (const [platform, makeSubject] of Object.entries(PLATFORMS)) {
      rows.push({ platform, measured: await tour(platform, makeSubject) });
    }
    expect(rows.map(({ platform }) => platform)).toEqual([
      'local',
      'aws',
      'azure',
      'gcp',
      'vercel',
    ]);
    for (const { measured } of rows) expect(measured.map(({ verb }) => verb)).toEqual([...VERBS]);
    expect(differing(rows)).toEqual([]);
    expect(rows[0]?.measured.map(({ answer }) => answer)).toMatchInlineSnapshot(`
      [
        {
          "again": false,
          "bindings": 0,
          "changed": true,
        },
        [
          {
            "greeting": "Hello, Ada",
          },
          {
            "cause": {
              "message": "A name is needed.",
              "name": "RangeError",
            },
            "code": "FUNCTION_FAILED",
          },
        ],
        {
          "body": "{"path":"/pages/7","from":"Hello"}",
          "changed": true,
          "status": 200,
        },
        {
          "isWarm": true,
          "requested": 2,
        },
        {
          "errors": 1,
          "invocations": 3,
          "timeouts": 0,
        },
        {
          "bindings": [
            "page",
          ],
          "newer": {
            "greeting": "Welcome, Grace",
          },
          "older": {
            "greeting": "Hello, Grace",
          },
        },
        {
          "isThere": false,
          "removed": true,
        },
      ]
    `);
    expect(table(rows).split('\n')).toHaveLength(rows.length + 1);
  });

  test('a difference shows', () => {
    const measured = (digest: string): Row['measured'] => [
      { verb: 'deploy', durationMs: 1, wireCalls: 1, answer: null, digest },
    ];
    const rows = [
      { platform: 'one', measured: measured('a') },
      { platform: 'two', measured: measured('b') },
    ];
    expect(differing(rows)).toEqual(['deploy']);
  });
});
