/** Bodies: as they come in, and as they go out. */
import type { IncomingMessage } from 'node:http';

export async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @param body an object is sent as JSON */
export function bytesOf(body: string | Buffer | object | undefined): {
  readonly bytes: Buffer;
  readonly isJson: boolean;
} {
  if (Buffer.isBuffer(body)) return { bytes: body, isJson: false };
  const isJson = typeof body === 'object';
  return { bytes: Buffer.from(isJson ? JSON.stringify(body) : (body ?? '')), isJson };
}

/** Whether an answer may have a body at all. */
export function hasBody(status: number, isHead: boolean): boolean {
  return status !== 204 && status !== 304 && !isHead;
}
