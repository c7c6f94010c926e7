/** Signed URLs of Cloud Functions: each takes a source, and ends after a while. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ServiceRequest, World } from '../core/ports.ts';
import { headersOf } from '../../shared/wire/headers-of.ts';

interface Upload {
  readonly bucket: string;
  readonly object: string;
  readonly generation: string;
  /** Path and query, as they were signed. */
  readonly url: string;
  readonly endsAt: number;
  body: Buffer | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const PLANE = 'uploads';
const LIFE_SECONDS = 1800;

export class Uploads {
  readonly #world: World;
  readonly #uploads = new Map<string, Upload>();
  readonly #opened: Promise<void>;
  #address: string | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#opened = this.#open();
    // Whoever waits for it is told; nobody has to.
    this.#opened.catch(() => {});
  }

  /** Resolves when uploads can be taken. */
  get ready(): Promise<void> {
    return this.#opened;
  }

  begin(generation: string): Upload & { readonly uploadUrl: string } {
    const { clock, projectNumber, location } = this.#world;
    if (this.#address === undefined) throw new Error('The plane of uploads is not open yet.');
    const bucket = `gcf-v2-uploads-${projectNumber}.${location}.cloudfunctions.appspot.com`;
    const object = `${randomUUID()}.zip`;
    const date = stampOf(clock.now());
    const query = new URLSearchParams({
      'X-Goog-Algorithm': 'GOOG4-RSA-SHA256',
      'X-Goog-Credential': `service-${projectNumber}@gcf-admin-robot.iam.gserviceaccount.com/${date.slice(0, 8)}/auto/storage/goog4_request`,
      'X-Goog-Date': date,
      'X-Goog-Expires': String(LIFE_SECONDS),
      'X-Goog-SignedHeaders': 'content-type;host',
      'X-Goog-Signature': randomBytes(32).toString('hex'),
    });
    const url = `/${bucket}/${object}?${query.toString()}`;
    const endsAt = clock.now() + LIFE_SECONDS * 1000;
    const upload = { bucket, object, generation, url, endsAt, body: undefined };
    this.#uploads.set(`${bucket}/${object}`, upload);
    return { ...upload, uploadUrl: `${this.#address}${url}` };
  }

  uploaded(bucket: string, object: string, generation?: string): Buffer | undefined {
    const found = this.#uploads.get(`${bucket}/${object}`);
    if (generation !== undefined && generation !== '0' && generation !== found?.generation) {
      return undefined;
    }
    return found?.body;
  }

  async stop(): Promise<void> {
    await this.#opened.catch(() => {});
    await this.#world.planes.close(PLANE);
  }

  /** The other parts are there once the one that makes them all is done. */
  async #open(): Promise<void> {
    await Promise.resolve();
    this.#address = await this.#world.planes.open({
      name: PLANE,
      handle: async (request) => this.#take(request),
      isDeployers: () => true,
      isWrite: ({ method }) => method === 'PUT',
    });
  }

  #take({ method, url, headers, body }: ServiceRequest): Answer {
    const path = decodeURIComponent(url.split('?')[0] ?? '').slice(1);
    const upload = this.#uploads.get(path);
    const sent = headersOf(headers);
    const isSigned =
      upload?.url === url &&
      method === 'PUT' &&
      sent['content-type'] === 'application/zip' &&
      sent['authorization'] === undefined;
    if (!isSigned) {
      return error(
        403,
        'SignatureDoesNotMatch',
        'Access denied.',
        `<Details>The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.</Details><StringToSign>GOOG4-RSA-SHA256</StringToSign>`,
      );
    }
    if (this.#world.clock.now() >= upload.endsAt) {
      const ended = new Date(upload.endsAt).toISOString();
      return error(
        400,
        'ExpiredToken',
        'Invalid argument.',
        `<Details>The provided token has expired. Request signature expired at: ${ended}</Details>`,
      );
    }
    upload.body = body;
    const etag = createHash('md5').update(body).digest('hex');
    return {
      status: 200,
      headers: ['etag', `"${etag}"`, 'x-goog-generation', upload.generation],
      body: Buffer.alloc(0),
    };
  }
}

function error(status: number, code: string, message: string, more: string): Answer {
  return {
    status,
    headers: ['content-type', 'application/xml; charset=UTF-8'],
    body: Buffer.from(
      `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`,
    ),
  };
}

/** `20260101T000000Z` */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
