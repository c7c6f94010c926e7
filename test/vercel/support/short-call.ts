/** A call in few words: what is called, and not where it happens to be. */
interface Call {
  readonly plane: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: Buffer;
}

/** Words in place of names that a test does not choose. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^\//, ''],
  [/\b(prj|dpl)_\w+/g, '$1'],
  [/(\/env)\/[^/]+$/, '$1/*'],
];

/** `GET v9/projects/shop-dev-main`, `POST v10/projects/prj/env (POLYFAAS_RECORD_2)` */
export function shortCall({ plane, method, path, status, body }: Call): string {
  const [whole = '', query = ''] = path.split('?');
  const place = decodeURIComponent(whole);
  const short = PLACES.reduce((text, [pattern, word]) => text.replace(pattern, word), place);
  // What is not of the API goes to a function itself.
  const of = plane === 'api' ? '' : `${plane.replace(/:.*/, '')} `;
  const refused = status < 400 ? [] : [String(status)];
  const isChange = method === 'PATCH';
  const said = [...saidBy(new URLSearchParams(query), body, isChange), ...refused].join(', ');
  return `${method} ${of}${short}${said === '' ? '' : ` (${said})`}`;
}

/** Which variable, and what of it; what a list is of. */
function saidBy(query: URLSearchParams, body: Buffer, isChange: boolean): readonly string[] {
  const filters = [...query].flatMap(([name, value]) =>
    name.startsWith('meta-') ? [name] : name === 'mode' ? [`${name}=${value}`] : [],
  );
  const given = fieldsIn(body);
  const { key, environmentVariables: first } = given;
  const keys = [key, ...(Array.isArray(first) ? first.map(keyOf) : [])].filter(
    (one): one is string => typeof one === 'string',
  );
  const changed = ['value', 'target'].filter((name) => isChange && name in given);
  return [...filters, ...keys.map(withoutVersion), ...changed];
}

function keyOf(variable: unknown): unknown {
  return typeof variable === 'object' && variable !== null && 'key' in variable
    ? variable.key
    : undefined;
}

/** `POLYFAAS_ENV_*` */
function withoutVersion(key: string): string {
  return key.replace(/^(POLYFAAS_(?:ENV|FILES)_)[0-9A-F]{10}$/, '$1*');
}

function fieldsIn(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // A file.
    return {};
  }
}
