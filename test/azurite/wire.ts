/** Requests as they are, for what the vendor's client hides: statuses, codes, headers. */
import { request } from 'undici';
import { childText, readXml, type XmlNode } from '../fakes/aws/core/xml.ts';
import type { Subject } from './subjects.ts';

export interface Answer {
  readonly status: number;
  /** `x-ms-error-code` */
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Sent {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: a bearer token. */
  readonly signed?: boolean;
}

/** As the adapter and its shim write it. */
const VERSION = '2021-12-02';

export async function ask(
  { token }: Subject,
  method: string,
  url: string,
  { body, headers = {}, signed = true }: Sent = {},
): Promise<Answer> {
  const reply = await request(url, {
    method,
    headers: {
      ...(signed && { authorization: `Bearer ${token}` }),
      'x-ms-version': VERSION,
      ...headers,
    },
    ...(body === undefined ? { body: null } : { body }),
  });
  const found = Object.fromEntries(
    Object.entries(reply.headers).map(([name, value]) => [name, String(value)]),
  );
  const text = await reply.body.text();
  return { status: reply.statusCode, code: found['x-ms-error-code'], headers: found, text };
}

/** `409 BlobAlreadyExists` */
export function brief({ status, code }: Answer): string {
  return code === undefined ? String(status) : `${status} ${code}`;
}

/** One message, as a reply of a queue tells of it. */
export type Message = Readonly<Record<string, string>>;

/** The messages of a reply. */
export function messagesIn({ text }: Answer): readonly Message[] {
  const { name, children } = readXml(text.replace(/^\uFEFF/, ''));
  if (name !== 'QueueMessagesList') throw new Error(`This is no list of messages: ${text}`);
  return children.map((message: XmlNode) =>
    Object.fromEntries(
      message.children.map((child) => [child.name, childText(message, child.name) ?? '']),
    ),
  );
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
