import { type Capabilities, type Capability, featuresWith } from 'polyfaas/spi';

const native: Capability = { support: 'native', via: 'the toy cloud' };
const none: Capability = { support: 'none', why: 'It is a toy. Use provider: "local".' };
const NATIVE =
  `deploy.rollback deploy.adopt deploy.secrets invoke.sync invoke.async invoke.asyncRetry invoke.cancel invoke.version instance.timeout
  event.queue event.queue.partialBatch event.queue.backoff event.queue.deadLetter event.topic event.topic.deadLetter
  metrics.counts metrics.coldStarts trace.propagation`.split(/\s+/);

export const TOY_CAPABILITIES: Capabilities = {
  features: featuresWith(none, Object.fromEntries(NATIVE.map((key) => [key, native]))),
  deploySwitch: 'atomic',
  limits: {
    memoryMb: { min: 128, max: 1024 },
    timeoutSeconds: { min: 1, max: 900 },
    envBytes: 4096,
    syncPayloadBytes: 2 * 1024 * 1024,
    asyncPayloadBytes: 64 * 1024,
    zipBytes: 512 * 1024,
    unpackedBytes: 2 * 1024 * 1024,
    maxInstances: 100,
    concurrency: 1,
    httpTimeoutSeconds: 60,
  },
  names: { function: { maxLength: 60, characters: 'a-z0-9-' } },
};
