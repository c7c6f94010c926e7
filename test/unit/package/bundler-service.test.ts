import { afterEach, describe, expect, it } from 'vitest';
import { withRoomyHeap } from '../../../src/package/bundler-service.ts';
import { keepEnvironment } from '../../support/environment.ts';

const names = ['GOGC', 'GOMEMLIMIT'];
const given = (): unknown[] => names.map((name) => process.env[name]);

describe('withRoomyHeap', () => {
  afterEach(keepEnvironment());

  it('sets the collector of the process that is started, and nothing after it', () => {
    for (const name of names) delete process.env[name];
    expect(withRoomyHeap(given)).toEqual([expect.any(String), expect.any(String)]);
    expect(given()).toEqual([undefined, undefined]);
  });

  it('takes the settings back when the start fails', () => {
    for (const name of names) delete process.env[name];
    const fail = (): never => {
      throw new Error('no such program');
    };
    expect(() => withRoomyHeap(fail)).toThrow('no such program');
    expect(given()).toEqual([undefined, undefined]);
  });

  it("leaves the user's own settings alone", () => {
    process.env['GOGC'] = '50';
    delete process.env['GOMEMLIMIT'];
    expect(withRoomyHeap(given)).toEqual(['50', undefined]);
    expect(given()).toEqual(['50', undefined]);
  });
});
