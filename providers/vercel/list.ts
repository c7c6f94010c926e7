/** The functions of one app and stage: projects whose names begin like theirs, by the records in them. */
import {
  listAt,
  numberAt,
  textAt,
  type FunctionSummary,
  type JsonValue,
  type Scope,
} from 'polyfaas/spi';
import type { VercelClients } from './clients/index.ts';
import type { Asking } from './model.ts';
import { namesPrefix } from './names.ts';
import { liveVersion } from './observe/description.ts';
import { projectOf, readProject } from './observe/project.ts';
import { listVariables } from './observe/variables.ts';

/** The most that Vercel gives at once. */
const PAGE = 100;
/** Records that are read at once: each is a call. */
const AT_ONCE = 8;

type Found = Pick<ReturnType<typeof projectOf>, 'id' | 'production'> & { readonly name: string };

interface Listing {
  readonly scope: Scope;
  /** By function, where the derived names do not suit. */
  readonly projectNames: Readonly<Record<string, string>>;
  readonly nameOf: (name: string) => string;
}

export async function* list(
  vercel: VercelClients,
  { scope, projectNames, nameOf }: Listing,
  call: Asking,
): AsyncGenerator<FunctionSummary> {
  const seen = new Set<string>();
  const chosen = [...new Set(Object.values(projectNames))];
  for await (const page of pagesOf(vercel, scope, chosen, call)) {
    const fresh = page.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    for (let at = 0; at < fresh.length; at += AT_ONCE) {
      const some = fresh.slice(at, at + AT_ONCE);
      const read = await Promise.all(
        some.map((found) => summaryOf(vercel, found, { scope, nameOf }, call)),
      );
      for (const summary of read) if (summary) yield summary;
    }
  }
}

/** First those that the options name, which a search by the beginning of names would not find. */
async function* pagesOf(
  vercel: VercelClients,
  scope: Scope,
  chosen: readonly string[],
  call: Asking,
): AsyncGenerator<readonly Found[]> {
  for (let at = 0; at < chosen.length; at += AT_ONCE) {
    const names = chosen.slice(at, at + AT_ONCE);
    const read = await Promise.all(
      names.map(async (name) => {
        const found = await readProject(vercel, name, call);
        return found === undefined ? [] : [{ ...found, name }];
      }),
    );
    yield read.flat();
  }
  const { signal } = call;
  const search = namesPrefix(scope);
  let from: number | undefined;
  do {
    const query = { search, limit: PAGE, ...(from === undefined ? {} : { from }) };
    const page = await vercel.rest({ method: 'GET', path: '/v10/projects', query, signal });
    yield listAt(page, 'projects').flatMap((one) => namedLike(one, search));
    from = numberAt(page, 'pagination', 'next');
  } while (from !== undefined);
}

/** The search finds what it looks for anywhere in a name. */
function namedLike(one: JsonValue, prefix: string): readonly Found[] {
  const name = textAt(one, 'name') ?? '';
  return name.startsWith(prefix) ? [{ ...projectOf(one), name }] : [];
}

async function summaryOf(
  vercel: VercelClients,
  found: Found,
  { scope, nameOf }: Pick<Listing, 'scope' | 'nameOf'>,
  call: Asking,
): Promise<FunctionSummary | undefined> {
  // Undefined for one that was deleted meanwhile.
  const read = await listVariables(vercel, found.id, call);
  const record = read?.kept?.record;
  if (record === undefined || record.app !== scope.app || record.stage !== scope.stage) {
    return undefined;
  }
  // Variables can be copied; the name cannot.
  if (nameOf(record.name) !== found.name) return undefined;
  return {
    name: record.name,
    physicalName: found.name,
    liveVersion: liveVersion(found, record) ?? (found.production === null ? null : record.live),
  };
}
