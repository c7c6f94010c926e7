/** What the build output is made from. */
import type { ArtifactFile, Binding, NormalEvent } from 'polyfaas/spi';
import type { OutputInput } from '../../../providers/vercel/build-output/files.ts';
import type { BindingPolicy } from '../../../providers/vercel/manifest.ts';

const RETRY = {
  maxAttempts: 3,
  backoff: 'exponential',
  delaySeconds: 10,
  maxDelaySeconds: 60,
  jitter: false,
} as const;

export function policy(id: string, event: NormalEvent): BindingPolicy {
  const binding: Binding = { id, origin: 'spec', event };
  return { binding, deadLetter: null, since: null };
}

export function queue(name: string, enabled = true): NormalEvent {
  const batch = { batchSize: 1, batchWindowSeconds: 0 };
  return { type: 'queue', queue: name, enabled, create: false, retry: RETRY, ...batch };
}

export function topic(name: string): NormalEvent {
  return { type: 'topic', topic: name, enabled: true, create: false, retry: RETRY };
}

export const ASYNC = {
  maxAttempts: 2,
  backoff: 'fixed',
  delaySeconds: 0,
  maxDelaySeconds: 0,
  jitter: false,
  maxAgeSeconds: 3_600,
  onSuccess: null,
  onFailure: null,
} as const;

export function outputInput(more: Partial<OutputInput> = {}): OutputInput {
  return {
    ref: { app: 'shop', stage: 'dev', name: 'orders' },
    version: '0a1b2c3d4e',
    config: {
      handles: ['invoke'],
      memoryMb: 512,
      timeoutSeconds: 30,
      concurrency: 10,
      runtime: 'nodejs24.x',
      regions: ['fra1'],
      hasEnv: true,
      secrets: { DB: 'orders_db' },
    },
    policies: [],
    async: null,
    crons: [],
    region: 'fra1',
    queueEndpoint: 'https://fra1.vercel-queue.com',
    ...more,
  };
}

export function file(path: string, text: string, mode = 0o644): ArtifactFile {
  return { path, mode, bytes: Buffer.from(text) };
}

export const CODE: readonly ArtifactFile[] = [
  file('polyfaas.mjs', 'export const answer = 42;\n'),
  file('index.mjs', 'export default (request, response) => response.end("42");\n'),
  file('bin/tool', '#!/bin/sh\n', 0o755),
];
