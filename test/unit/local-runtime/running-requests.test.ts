import { describe, expect, it } from 'vitest';
import { RunningRequests } from '../../../providers/local/runtime/running-requests.ts';

describe('the requests of an instance', () => {
  it('are counted, and the only one is known by its id', () => {
    const requests = new RunningRequests();
    expect([requests.count, requests.only]).toEqual([0, undefined]);
    requests.begin(2, 'c');
    expect([requests.count, requests.only]).toEqual([1, 'c']);
    requests.begin(0, 'a');
    expect([requests.count, requests.only]).toEqual([2, undefined]);
    requests.end(2);
    expect([requests.count, requests.only]).toEqual([1, 'a']);
  });

  it('end once, and take their slots again', () => {
    const requests = new RunningRequests();
    requests.begin(0, 'a');
    requests.begin(0, 'b');
    expect([requests.count, requests.only]).toEqual([1, 'b']);
    requests.end(0);
    requests.end(0);
    requests.end(7);
    expect([requests.count, requests.only]).toEqual([0, undefined]);
  });
});
