/** The answer to a message that is asked for by its id: `multipart/mixed`, with one part. */

export interface Part {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';

/** The first part; undefined where there is none, or it is cut off. */
export function partOf(contentType: string, bytes: Buffer): Part | undefined {
  const [, quoted, bare] =
    /^multipart\/[^;]+;.*?\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return undefined;
  const opener = `--${boundary}\r\n`;
  const at = bytes.indexOf(opener);
  // What stands before the first part is nobody's.
  if (at === -1 || (at > 0 && bytes[at - 1] !== 0x0a)) return undefined;
  const headAt = at + opener.length;
  const headEnd = bytes.indexOf(HEAD_END, headAt);
  if (headEnd === -1) return undefined;
  const bodyAt = headEnd + HEAD_END.length;
  const bodyEnd = endOf(bytes, bodyAt, `\r\n--${boundary}`);
  if (bodyEnd === -1) return undefined;
  return {
    headers: headersOf(bytes.toString('latin1', headAt, headEnd)),
    body: bytes.subarray(bodyAt, bodyEnd),
  };
}

/** Where a boundary stands as a line of its own: a body may hold longer ones that begin like it. */
function endOf(bytes: Buffer, from: number, closer: string): number {
  for (let at = bytes.indexOf(closer, from); at !== -1; at = bytes.indexOf(closer, at + 1)) {
    const after = bytes.toString('latin1', at + closer.length, at + closer.length + 2);
    if (after === '--' || after === '\r\n') return at;
  }
  return -1;
}

function headersOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split('\r\n').flatMap((line) => {
      const [, name, value] = /^([^:\s]+):\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), value ?? ''] as const];
    }),
  );
}
