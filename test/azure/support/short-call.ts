/** A call in few words: what is called, and not where it happens to be. */
interface Call {
  readonly plane: string;
  readonly method: string;
  readonly path: string;
}

/** Words in place of names that a test does not choose. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\//i, ''],
  [/^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i, 'resourceGroup'],
  [/^\/subscriptions\/[^/]+\/providers\//i, 'subscription/'],
  [/^\/subscriptions\/[^/]+/i, 'subscription'],
  [/(Microsoft\.Authorization\/roleAssignments)\/[0-9a-f-]{36}/gi, '$1/ID'],
  // An operation that is followed.
  [/operations?(?:results|statuses)?\/[0-9a-f-]{36}/gi, 'operation/ID'],
  [/(deployments)\/[\w-]{8,}/g, '$1/ID'],
  [
    /\b(sites|serverfarms|storageAccounts|userAssignedIdentities|workspaces|components)\/[^/?]+/gi,
    '$1/*',
  ],
  [/[0-9a-f]{64}|[0-9a-f]{40}|\b[0-9a-f]{10}\b/g, '*'],
];

/** `arm GET Microsoft.Web/sites/*` */
export function shortCall({ plane, method, path }: Call): string {
  const [whole = '', query = ''] = path.split('?');
  const short = PLACES.reduce(
    (text, [pattern, word]) => text.replaceAll(all(pattern), word),
    whole,
  );
  const kind = plane.replace(/:.*/, '');
  // Of data planes, the first part of the path is the account.
  const said = kind === 'arm' ? short : short.replace(/^\/(?:pf|shop|stranger)[^/?]*/, '');
  const { comp, restype } = Object.fromEntries(new URLSearchParams(query));
  const more = [comp, restype].filter((part) => part !== undefined).join(' ');
  return `${kind} ${method} ${said || '/'}${more === '' ? '' : ` (${more})`}`;
}

function all(pattern: RegExp): RegExp {
  return pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`);
}
