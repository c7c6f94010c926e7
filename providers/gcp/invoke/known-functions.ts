/** What a call needs to know of its function. */
import { parseDirectKeys, type DirectKey } from 'polyfaas/http';
import {
  type CallContext,
  type DirectDoors,
  doorsTo,
  functionIdOf,
  type FunctionRef,
  notDeployed,
  ServerlessError,
} from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { parsedJson } from '../clients/json.ts';
import { fieldsOf, listOf, textOf } from '../json.ts';
import { DIRECT_PATH } from '../manifest.ts';
import type { GcpObserved } from '../model.ts';
import { tagOf } from '../names.ts';
import type { VersionNote } from '../record.ts';

/** So long a token is used without asking whether it still is the one to use. It ends after an hour. */
const TOKEN_CHECK_MS = 60_000;

/** A function that is there and ours. */
export interface KnownFunction {
  readonly physicalName: string;
  readonly liveVersion: string;
  readonly live: KnownVersion;
  /** A version that is kept, by its tag. Undefined when there is none. */
  of(version: string, call: CallContext): Promise<KnownVersion | undefined>;
}

export interface KnownVersion {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** How it is called. */
  readonly doors: Doors;
}

export type Observe = (ref: FunctionRef, call: CallContext) => Promise<GcpObserved>;

/** @throws ServerlessError NOT_FOUND when there is no such function, it is a stranger's, or nothing is live. */
export async function readFunction(
  gcp: GcpClients,
  observe: Observe,
  ref: FunctionRef,
  call: CallContext,
): Promise<KnownFunction> {
  const { function: found, secret, record, isStranger, physicalName } = await observe(ref, call);
  const live = record.versions.find(({ version }) => version === record.live);
  if (!found?.url || !found.service || !secret || isStranger || live === undefined) {
    throw notDeployed('gcp', ref);
  }
  const { url, service } = found;
  const keys = await readKeys(gcp, secret.name, ref, call);
  const about = { audience: url, keys, functionId: functionIdOf(ref) };
  const versionAt = (note: VersionNote, at: string): KnownVersion => ({
    memoryMb: note.memoryMb,
    timeoutSeconds: note.timeoutSeconds,
    doors: new Doors(gcp, { ...about, url: at }),
  });
  const versions = new Map([[live.version, versionAt(live, url)]]);
  return {
    physicalName,
    liveVersion: live.version,
    live: versionAt(live, url),
    async of(version, { signal }) {
      const known = versions.get(version);
      if (known !== undefined) return known;
      const tagged = (await readTags(gcp, service, signal)).get(tagOf(version));
      const note = record.versions.find((one) => one.version === version) ?? live;
      if (tagged === undefined) return undefined;
      const kept = versionAt(note, tagged);
      versions.set(version, kept);
      return kept;
    },
  };
}

export interface DoorParts {
  /** Where the service, or a tag of it, answers. */
  readonly url: string;
  /** Of the ID token: the service's own URL, for its tags too. */
  readonly audience: string;
  readonly keys: readonly DirectKey[];
  readonly functionId: string;
}

/** The addresses of one service or tag, with the token that opens it: the same objects for as long as that is good. */
export class Doors {
  readonly #gcp: GcpClients;
  readonly #parts: DoorParts;
  #open: DirectDoors = [];
  #token = '';
  #askAgainAt = 0;

  constructor(gcp: GcpClients, parts: DoorParts) {
    this.#gcp = gcp;
    this.#parts = parts;
  }

  /** When nothing has to be waited for. */
  peek(now: number): DirectDoors | undefined {
    return now < this.#askAgainAt ? this.#open : undefined;
  }

  async open({ clock, signal }: CallContext): Promise<DirectDoors> {
    const { url, audience, keys, functionId } = this.#parts;
    const token = await this.#gcp.idToken(audience, signal);
    this.#askAgainAt = clock.now() + TOKEN_CHECK_MS;
    if (token === this.#token) return this.#open;
    this.#token = token;
    const headers = { authorization: `Bearer ${token}` };
    this.#open = doorsTo({ url: `${url}${DIRECT_PATH}`, headers, functionId }, keys);
    return this.#open;
  }
}

/** The keys in the latest settings, the newest first. */
export async function readKeys(
  gcp: GcpClients,
  secret: string,
  ref: Pick<FunctionRef, 'name'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<readonly DirectKey[]> {
  const answer = await gcp.rest({
    api: 'secretmanager',
    method: 'GET',
    path: `/v1/${secret}/versions/latest:access`,
    signal,
  });
  const data = textOf(fieldsOf(fieldsOf(answer)['payload'])['data']);
  const settings = parsedJson(Buffer.from(data, 'base64').toString('utf8'));
  const keys = parseDirectKeys(textOf(fieldsOf(settings)['keys']));
  if (keys.length > 0) return keys;
  throw new ServerlessError({
    code: 'UNAVAILABLE',
    provider: 'gcp',
    function: ref.name,
    message: `"${ref.name}" has no invoke key: its settings (${secret}) hold none. Deploy it again, and one is made.`,
  });
}

/** The URLs of a service's tags. */
async function readTags(
  gcp: GcpClients,
  service: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const answer = await gcp.rest({ api: 'run', method: 'GET', path: `/v2/${service}`, signal });
  return new Map(
    listOf(fieldsOf(answer)['trafficStatuses']).flatMap((status) => {
      const { tag, uri } = fieldsOf(status);
      return textOf(tag) === '' || textOf(uri) === '' ? [] : [[textOf(tag), textOf(uri)] as const];
    }),
  );
}
