import type { NormalFunctionSpec } from 'polyfaas/spi';

export const RETRY = {
  maxAttempts: 3,
  backoff: 'exponential',
  delaySeconds: 1,
  maxDelaySeconds: 900,
  jitter: true,
} as const;

/** A declaration with nothing left out. */
export const SPEC: NormalFunctionSpec = {
  name: 'orders',
  description: '',
  runtime: 'node',
  memoryMb: 512,
  timeoutSeconds: 30,
  env: {},
  minInstances: 0,
  maxInstances: undefined,
  concurrency: 1,
  architecture: undefined,
  async: { retry: RETRY, maxAgeSeconds: 21_600 },
  tracing: undefined,
  keepVersions: 5,
  tags: {},
  bindings: [],
  providerOptions: {},
};
