/** Bodies as the SDK sends them: whole with a checksum in a header, or in chunks with one behind them. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsFault, type WireRequest } from '../core/service.ts';

const CHECKSUM = 'x-amz-checksum-';

/**
 * What was really sent.
 *
 * @throws AwsFault when a checksum does not fit.
 */
export function contentOf(request: WireRequest): Buffer {
  const encoding = request.headers['content-encoding'] ?? '';
  const isChunked = encoding.split(/,\s*/).includes('aws-chunked');
  const { content, trailers } = isChunked
    ? unchunked(request.body)
    : { content: request.body, trailers: new Map<string, string>() };
  const length = request.headers['x-amz-decoded-content-length'];
  if (length !== undefined && Number(length) !== content.length) {
    throw new AwsFault(
      400,
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    );
  }
  for (const [algorithm, digest] of ALGORITHMS) {
    const name = `${CHECKSUM}${algorithm}`;
    const expected = trailers.get(name) ?? request.headers[name];
    if (expected !== undefined) checkDigest(digest(content), expected, algorithm);
  }
  const md5 = request.headers['content-md5'];
  if (md5 !== undefined && md5Of(content).toString('base64') !== md5) {
    throw badDigest('The Content-MD5 you specified did not match what we received.');
  }
  return content;
}

const ALGORITHMS: ReadonlyMap<string, (content: Buffer) => Buffer> = new Map([
  ['crc32', crc32Of],
  ['sha1', (content: Buffer) => createHash('sha1').update(content).digest()],
  ['sha256', (content: Buffer) => createHash('sha256').update(content).digest()],
]);

export function crc32Of(content: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(content));
  return bytes;
}

export function md5Of(content: Buffer): Buffer {
  return createHash('md5').update(content).digest();
}

function checkDigest(digest: Buffer, expected: string, algorithm: string): void {
  if (digest.toString('base64') === expected) return;
  throw badDigest(
    `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
  );
}

function badDigest(message: string): AwsFault {
  return new AwsFault(400, 'BadDigest', message);
}

/** `SIZE[;chunk-signature=...]\r\nDATA\r\n`, again and again, a chunk of size 0, and then trailers. */
function unchunked(body: Buffer): { content: Buffer; trailers: ReadonlyMap<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (end < 0 || Number.isNaN(size)) {
      throw new AwsFault(400, 'InvalidRequest', 'The chunked body is broken.');
    }
    at = end + 2;
    if (size === 0) break;
    chunks.push(body.subarray(at, at + size));
    at += size + 2;
  }
  const lines = body.toString('latin1', at).split(/\r?\n/);
  const trailers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    const pair: readonly [string, string] = [
      line.slice(0, colon).trim().toLowerCase(),
      line.slice(colon + 1).trim(),
    ];
    return colon < 1 ? [] : [pair];
  });
  return { content: Buffer.concat(chunks), trailers: new Map(trailers) };
}
