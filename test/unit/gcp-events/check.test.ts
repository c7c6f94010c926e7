import type { Binding } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { asyncIssues } from '../../../providers/gcp/events/check/async.ts';
import { bindingIssues } from '../../../providers/gcp/events/check.ts';
import {
  bucket,
  bus,
  http,
  ONE_OF_EACH,
  queue,
  RETRY,
  schedule,
  stream,
  table,
  topic,
} from './bindings.ts';

/** `field: message` of what is refused. */
function problems(binding: Binding): readonly string[] {
  return bindingIssues('f', binding)
    .filter(({ warning }) => warning === undefined)
    .map(
      ({ path, message }) => `${path.replace(`functions.f.events.${binding.id}`, '')} ${message}`,
    );
}

function warnings(binding: Binding): readonly string[] {
  return bindingIssues('f', binding).flatMap(({ warning, path, message }) =>
    warning === undefined ? [] : [`${warning} ${path.split(`${binding.id}.`)[1] ?? ''} ${message}`],
  );
}

describe('bindings that Google Cloud takes', () => {
  it('have no issues', () => {
    for (const binding of ONE_OF_EACH) expect(bindingIssues('f', binding)).toEqual([]);
  });

  it('may name their sources in full', () => {
    const full = [
      queue('a', { queue: 'projects/p/topics/orders', create: false }),
      topic('a', { deadLetter: 'projects/p/topics/dead' }),
      bucket('a', { bucket: 'projects/_/buckets/pictures', create: false }),
      table('a', { table: 'projects/p/databases/(default)/documents/rows' }),
      bus('a', { bus: 'projects/p/topics/default', create: false }),
    ];
    for (const binding of full) expect(problems(binding)).toEqual([]);
  });
});

describe('what Google Cloud cannot do', () => {
  it.each([
    [queue('a', { queue: 'ab' }), /^\.queue "ab" is no name .*3 to 255/],
    [queue('a', { queue: 'goog-x' }), /not beginning with "goog"/],
    [topic('a', { topic: '1st' }), /^\.topic .*a letter first/],
    [topic('a', { deadLetter: 'a b' }), /^\.deadLetter /],
    [
      topic('a', { topic: 'projects/p/subscriptions/t' }),
      /no full name .*projects\/my-project\/topics/,
    ],
    [queue('a', { queue: 'projects/p/topics/orders' }), /"create" makes sources by plain name/],
    [bucket('a', { bucket: 'Pictures' }), /^\.bucket .*lower-case/],
    [bucket('a', { bucket: 'my-google-files' }), /without "google"/],
    [bucket('a', { prefix: 'x'.repeat(1025) }), /^\.prefix has 1025 bytes/],
    [table('a', { table: 'a/b' }), /^\.table /],
    [table('a', { table: '__rows__' }), /double "_"/],
    [table('a', { from: 'oldest' }), /^\.from .*Use "latest"/],
    [queue('a', { retry: { ...RETRY, maxAttempts: 100 } }), /^\.retry\.maxAttempts .*1 to 99/],
    [topic('a', { retry: { ...RETRY, delaySeconds: 601 } }), /^\.retry\.delaySeconds .*0 to 600/],
    [topic('a', { filter: { 'goog-x': ['1'] } }), /^\.filter .*not beginning with "goog"/],
    [schedule('a', { when: { everySeconds: 30 } }), /^\.every .*"1 minute"/],
    [schedule('a', { when: { cron: '0 0 L * *' } }), /^\.cron /],
    [http('a', { path: '/polyfaas/x' }), /^\.path .*polyfaas answers itself/],
    [http('a', { path: '/favicon.ico' }), /^\.path .*Google answers itself/],
    [http('a', { maxBodyBytes: 33_554_433 }), /^\.maxBodyBytes .*0 to 33554432/],
    [stream('a'), /Use a queue/],
  ])('is refused: %o', (binding, says) => {
    expect(problems(binding).join('\n')).toMatch(says);
  });

  it('is said where it is not quite as wished', () => {
    const linear = { ...RETRY, backoff: 'linear', jitter: false } as const;
    expect(warnings(queue('a', { retry: linear })).join('\n')).toMatch(/^emulated retry\.backoff/);
    const jitter = { ...RETRY, delaySeconds: 5 };
    expect(warnings(queue('a', { retry: jitter })).join('\n')).toMatch(/^ignored retry\.jitter/);
    const long = { ...RETRY, delaySeconds: 300, maxAttempts: 4, jitter: false };
    expect(warnings(queue('a', { retry: long })).join('\n')).toMatch(
      /^rounded retry\.maxDelaySeconds .*900 s are cut to 600 s/,
    );
    expect(warnings(queue('a', { batchSize: 50 })).join('\n')).toMatch(/^ignored batchSize 50/);
    expect(warnings(table('a', { batchWindowSeconds: 5 })).join('\n')).toMatch(
      /^ignored batchWindowSeconds 5/,
    );
    expect(warnings(queue('a', { batchSize: 1 }))).toEqual([]);
    expect(warnings(bus('a', { pattern: { data: { a: [1] } } })).join('\n')).toMatch(
      /^emulated pattern/,
    );
    const values = Array.from({ length: 30 }, (_, index) => `value-${index}`);
    expect(warnings(topic('a', { filter: { key: values } })).join('\n')).toMatch(
      /^emulated filter/,
    );
    expect(warnings(http('a', { path: '/healthz' })).join('\n')).toMatch(/^limit path/);
  });

  it('is refused of asynchronous invocations too', () => {
    const issues = asyncIssues('f', {
      retry: { ...RETRY, maxAttempts: 100, maxDelaySeconds: 60, jitter: false },
      maxAgeSeconds: 60,
      onFailure: { type: 'queue', name: '?' },
    });
    expect(issues.map(({ path }) => path)).toEqual([
      'functions.f.async.retry.maxAttempts',
      'functions.f.async.onFailure.name',
    ]);
  });
});
