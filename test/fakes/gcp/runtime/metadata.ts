import type { ServiceRequest, World } from '../core/ports.ts';
import { headerOf } from '../../shared/runtime/header-list.ts';

interface MetadataReply {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const LIFETIME_SECONDS = 3599;

/**
 * The metadata server of one revision's instances: who they are, and tokens for it.
 *
 * @see https://cloud.google.com/run/docs/container-contract#metadata-server
 */
export class MetadataServer {
  readonly #world: World;
  readonly #serviceAccount: string;

  constructor(world: World, serviceAccount: string) {
    this.#world = world;
    this.#serviceAccount = serviceAccount;
  }

  async handle({ method, url, headers }: ServiceRequest): Promise<MetadataReply> {
    const { pathname, searchParams } = new URL(url, 'http://metadata.google.internal');
    const path = pathname.replace(/\/$/, '');
    if (path === '') return text('computeMetadata/\n');
    if (headerOf(headers, 'metadata-flavor') !== 'Google') {
      return text('Missing required header: Metadata-Flavor: Google', 403);
    }
    if (method !== 'GET' && method !== 'HEAD') return text('Method not allowed', 405);
    const [, account] =
      /^\/computeMetadata\/v1\/instance\/service-accounts\/([^/]+)/.exec(path) ?? [];
    if (account !== undefined) return this.#account(account, path, searchParams);
    const value = this.#values()[path.replace('/computeMetadata/v1', '')];
    return value === undefined ? text('Not found', 404) : text(value);
  }

  async #account(account: string, path: string, query: URLSearchParams): Promise<MetadataReply> {
    const email = this.#serviceAccount;
    const isOurs = account === 'default' || decodeURIComponent(account) === email;
    if (!isOurs || !this.#world.identity.accountExists(email)) return text('Not found', 404);
    const what = path.split('/').slice(6).join('/');
    if (what === 'email') return text(email);
    if (what === 'scopes') return text(`${SCOPE}\n`);
    if (what === 'aliases') return text('default\n');
    if (what === 'token') {
      return json({
        access_token: this.#world.identity.accessToken({ kind: 'account', email }),
        expires_in: LIFETIME_SECONDS,
        token_type: 'Bearer',
      });
    }
    if (what === 'identity') {
      const audience = query.get('audience') ?? '';
      if (audience === '') return text('non-empty audience parameter required', 400);
      return text(await this.#world.identity.idToken(email, audience));
    }
    const all = { aliases: ['default'], email, scopes: [SCOPE] };
    if (what === '') return query.get('recursive') === 'true' ? json(all) : text(ENTRIES);
    return text('Not found', 404);
  }

  #values(): Readonly<Record<string, string>> {
    const { projectId, projectNumber, location } = this.#world;
    return {
      '/instance': 'id\nregion\nservice-accounts/\nzone\n',
      '/instance/region': `projects/${projectNumber}/regions/${location}`,
      '/instance/zone': `projects/${projectNumber}/zones/${location}-1`,
      '/instance/service-accounts': `default/\n${this.#serviceAccount}/\n`,
      '/project/project-id': projectId,
      '/project/numeric-project-id': projectNumber,
      '/universe/universe-domain': 'googleapis.com',
    };
  }
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const ENTRIES = 'aliases\nemail\nidentity\nscopes\ntoken\n';

function text(value: string, status = 200): MetadataReply {
  return reply(status, 'application/text', value);
}

function json(value: object): MetadataReply {
  return reply(200, 'application/json', JSON.stringify(value));
}

function reply(status: number, type: string, value: string): MetadataReply {
  const headers = ['Metadata-Flavor', 'Google', 'Server', 'Metadata Server for VM'];
  return { status, headers: [...headers, 'Content-Type', type], body: Buffer.from(value) };
}
