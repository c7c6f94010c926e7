/** What the engine gives the adapter's steps: a small function, its versions, and the surroundings of a call. */
import type { Artifact, CallContext, JsonObject, Step } from 'polyfaas/spi';
import { zipFiles } from 'polyfaas/spi';
import { packageWish, type PackageWish } from '../../providers/azure/plan/wish.ts';
import type { VersionNote } from '../../providers/azure/record.ts';
import type { Subject } from './subjects.ts';

const REF = { app: 'shop', stage: 'dev', name: 'orders' };
const FILES = [{ path: 'index.mjs', mode: 0o644, bytes: Buffer.from('export default 1;\n') }];

export const artifact: Artifact = {
  form: 'zip',
  digest: 'a'.repeat(40),
  sizeBytes: 200,
  unpackedBytes: 18,
  entryFile: 'index.mjs',
  handles: ['invoke'],
  signature: 'polyfaas',
  needsProcess: false,
  zip: () => zipFiles(FILES),
  files: () => Promise.resolve(FILES),
};

let notes = 0;

/** Each written later than the one before. */
export function noteOf(version: string, env: readonly string[] = []): VersionNote {
  notes += 1;
  return {
    version,
    digest: `digest of ${version}`,
    artifactDigest: artifact.digest,
    handles: ['invoke'],
    hasShim: true,
    memoryMb: 512,
    timeoutSeconds: 30,
    env,
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, notes)).toISOString(),
  };
}

export function wishOf(note: VersionNote): PackageWish {
  return packageWish(REF, note, {
    region: 'westeurope',
    plan: 'flex',
    settings: '0123456789',
    bound: { triggers: [], host: {} },
  });
}

export function stepOf(input: object): Step {
  const target = {
    ref: REF,
    subscriptionId: 'subscription',
    resourceGroup: 'group',
    storageAccount: 'orders',
  };
  return {
    id: 'step',
    phase: 'publish',
    kind: 'step',
    title: 'A step',
    input: jsonOf({ target, ...input }),
    locks: [],
    deadlineSeconds: 60,
  };
}

/** As a plan keeps it. */
function jsonOf(value: object): JsonObject {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JSON makes of an object
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

export function callOf(subject: Subject): CallContext {
  return {
    signal: AbortSignal.timeout(30_000),
    clock: {
      now: () => subject.now(),
      after: () => () => {},
      sleep: (ms) => subject.pass(ms),
    },
    random: Math.random,
    warn: () => undefined,
    artifacts: { get: () => Promise.resolve(artifact) },
    log: { log: () => {} },
  };
}
