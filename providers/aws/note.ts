/** The description of a version, and of the alias that points to one: what neither can be asked for otherwise. */
import type { HandlerKind } from 'polyfaas/spi';
import type { VersionNote } from './model.ts';

/** Lambda API reference: the description of a version and of an alias has at most 256 characters. */
export const NOTE_LENGTH = 256;

const MARK = 'polyfaas/1';

const LETTERS: Readonly<Record<HandlerKind, string>> = {
  invoke: 'i',
  http: 'h',
  schedule: 's',
  queue: 'q',
  topic: 't',
  object: 'o',
  stream: 'k',
  table: 'd',
  bus: 'b',
};
const KINDS = new Map(
  Object.entries(LETTERS).flatMap(([kind, letter]) =>
    isKind(kind) ? [[letter, kind] as const] : [],
  ),
);

function isKind(text: string): text is HandlerKind {
  return Object.hasOwn(LETTERS, text);
}

export function encodeNote(note: VersionNote): string {
  const { canary } = note;
  const fields = [
    ['v', note.version],
    ['d', packed(note.digest)],
    ['a', packed(note.artifactDigest)],
    ['c', note.codeSha256],
    ['k', note.handles.map((kind) => LETTERS[kind]).join('')],
    ['s', note.hasShim ? '1' : '0'],
    ['m', String(note.memoryMb)],
    ['t', String(note.timeoutSeconds)],
    ['at', note.createdAt === null ? null : String(Math.floor(Date.parse(note.createdAt) / 1000))],
    ['y', canary?.version ?? null],
    ['z', canary ? packed(canary.digest) : null],
    ['h', note.newest],
    ['e', note.configDigest],
  ] as const;
  return [
    MARK,
    ...fields.flatMap(([name, value]) => (value === null ? [] : [`${name}:${value}`])),
  ].join(' ');
}

/** Undefined for a text that is not ours. */
export function decodeNote(text: string | undefined): VersionNote | undefined {
  if (!text?.startsWith(`${MARK} `)) return undefined;
  const fields = new Map(
    text
      .slice(MARK.length + 1)
      .split(' ')
      .map((field) => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon), field.slice(colon + 1)] as const;
      }),
  );
  const digest = fields.get('d');
  const artifactDigest = fields.get('a');
  if (digest === undefined || artifactDigest === undefined) return undefined;
  const [at, canaryVersion, canaryDigest] = [fields.get('at'), fields.get('y'), fields.get('z')];
  return {
    version: fields.get('v') ?? null,
    digest: unpacked(digest),
    artifactDigest: unpacked(artifactDigest),
    codeSha256: fields.get('c') ?? null,
    handles: (fields.get('k') ?? '').split('').flatMap((letter) => KINDS.get(letter) ?? []),
    hasShim: fields.get('s') === '1',
    memoryMb: Number(fields.get('m')) || 0,
    timeoutSeconds: Number(fields.get('t')) || 0,
    createdAt: at === undefined ? null : timeOf(Number(at)),
    canary:
      canaryVersion === undefined || canaryDigest === undefined
        ? null
        : { version: canaryVersion, digest: unpacked(canaryDigest) },
    newest: fields.get('h') ?? null,
    configDigest: fields.get('e') ?? null,
  };
}

function timeOf(seconds: number): string | null {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** A digest of 40 hex characters takes 27 of base64; anything else travels as it is. */
function packed(digest: string): string {
  return /^[0-9a-f]{40}$/.test(digest)
    ? `~${Buffer.from(digest, 'hex').toString('base64url')}`
    : digest;
}

function unpacked(text: string): string {
  return text.startsWith('~') ? Buffer.from(text.slice(1), 'base64url').toString('hex') : text;
}
