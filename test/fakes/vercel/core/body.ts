/** Checks bodies of requests with the vendor's own schemas, and says no as Vercel's API does. */
import { badRequest, type VercelFault } from './fault.ts';
import { isMap, type JsonMap } from './json.ts';

/** One complaint of a schema. */
interface Issue {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly received?: unknown;
  readonly expected?: unknown;
  readonly options?: unknown;
  readonly unionErrors?: readonly { readonly issues: readonly Issue[] }[];
}

/** An outbound schema of `@vercel/sdk/models/*`. */
export interface Schema {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: unknown }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

/**
 * The body, when the schema takes it. The vendor's schemas drop members that they do not know: those are refused here,
 * since Vercel refuses them.
 *
 * @throws VercelFault 400
 */
export function checkedBody(schema: Schema, body: unknown): unknown {
  if (body === undefined) throw badRequest('Invalid request: the body is missing.');
  const result = schema.safeParse(body);
  if (!result.success) throw refusal(result.error.issues);
  refuseDropped(body, result.data, '');
  return body;
}

/** The same for a body that must be an object. */
export function checkedMap(schema: Schema, body: unknown): JsonMap {
  const checked = checkedBody(schema, body);
  if (!isMap(checked)) throw badRequest('Invalid request: should be object.');
  return checked;
}

/**
 * @param known beside `teamId` and `slug`
 * @throws VercelFault 400 for another one in the query
 */
export function checkQuery(query: URLSearchParams, known: readonly string[] = []): void {
  for (const name of query.keys()) {
    if (name === 'teamId' || name === 'slug' || known.includes(name)) continue;
    throw badRequest(`Invalid request: should NOT have additional property \`${name}\`.`);
  }
}

function refuseDropped(given: unknown, kept: unknown, path: string): void {
  if (Array.isArray(given)) {
    const keptItems: readonly unknown[] = Array.isArray(kept) ? kept : [];
    for (const [index, item] of given.entries()) refuseDropped(item, keptItems[index], path);
    return;
  }
  if (!isMap(given) || !isMap(kept)) return;
  for (const [name, value] of Object.entries(given)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (!Object.hasOwn(kept, name) && value !== undefined) {
      throw badRequest(`Invalid request: should NOT have additional property \`${at}\`.`);
    }
    refuseDropped(value, kept[name], at);
  }
}

function refusal(issues: readonly Issue[]): VercelFault {
  const issue = firstOf(issues, []);
  const name = issue.path.join('.');
  const subject = name === '' ? '' : `\`${name}\` `;
  if (issue.code === 'invalid_type' && issue.received === 'undefined') {
    return badRequest(`Invalid request: missing required property \`${name}\`.`);
  }
  const allowed = allowedOf(issue);
  if (allowed !== undefined) {
    return badRequest(
      `Invalid request: ${subject}should be equal to one of the allowed values "${allowed}".`,
    );
  }
  if (issue.code === 'invalid_type') {
    return badRequest(`Invalid request: ${subject}should be ${String(issue.expected)}.`);
  }
  return badRequest(`Invalid request: ${subject}${issue.message}.`);
}

function allowedOf({ code, options, expected }: Issue): string | undefined {
  if (code === 'invalid_enum_value' && Array.isArray(options)) return options.join(', ');
  const isEnum = typeof expected === 'string' && expected.startsWith("'");
  return isEnum ? expected.replaceAll("'", '').replaceAll(' | ', ', ') : undefined;
}

/** Of alternatives, the one that came furthest before it complained: it is what the sender meant. */
function firstOf(issues: readonly Issue[], base: Issue['path']): Issue {
  const [issue] = issues;
  if (!issue) return { code: 'custom', path: base, message: 'is invalid' };
  const path = [...base, ...issue.path];
  if (!issue.unionErrors) return { ...issue, path };
  const alternatives = issue.unionErrors.map((error) => firstOf(error.issues, path));
  return alternatives.toSorted((a, b) => b.path.length - a.path.length)[0] ?? { ...issue, path };
}
