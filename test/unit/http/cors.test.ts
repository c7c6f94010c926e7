import { CorsRules } from 'polyfaas/http';
import { expect, it } from 'vitest';

function isAllowed(methods: readonly ('GET' | 'POST' | 'ANY')[], method: string): boolean {
  const rules = new CorsRules({
    origins: ['https://a.example'],
    methods: [...methods],
    headers: ['authorization'],
    exposeHeaders: [],
    credentials: false,
    maxAgeSeconds: 5,
  });
  const headers = rules.preflightHeaders({
    origin: 'https://a.example',
    method,
    headers: 'authorization',
  });
  return headers.includes('access-control-allow-origin');
}

it('lets HEAD through wherever GET is, for a route that takes GET answers it', () => {
  expect(isAllowed(['GET'], 'HEAD')).toBe(true);
  expect(isAllowed(['POST', 'GET'], 'HEAD')).toBe(true);
  expect(isAllowed(['ANY'], 'HEAD')).toBe(true);
});

it('lets no other method through', () => {
  expect(isAllowed(['POST'], 'HEAD')).toBe(false);
  expect(isAllowed(['GET'], 'POST')).toBe(false);
  expect(isAllowed(['GET'], 'head')).toBe(false);
});
