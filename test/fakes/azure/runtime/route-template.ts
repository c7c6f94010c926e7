/** Route templates of HTTP functions, as ASP.NET Core reads them: `items/{id:int}/{*rest}`. */

/** The name of a parameter, and its value. */
export type RouteValues = Readonly<Record<string, string>>;

type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'rest'; readonly name: string }
  | {
      readonly kind: 'pattern';
      readonly regex: RegExp;
      readonly names: readonly string[];
      readonly isOptional: boolean;
    };

export interface RouteTemplate {
  /** What is wrong with it; then it matches nothing. */
  readonly problem?: string;
  /** Of templates that match, the one with the least comes first. */
  readonly precedence: number;
  /** @param path without the slash in front. */
  match(path: string): RouteValues | undefined;
}

const PARAMETER =
  /\{(?<rest>\*{1,2})?(?<name>[^{}:=?*]+)(?<constraints>(?::[^{}?=]+)*)(?<optional>\?)?\}/g;
/** Constraints that are known here (docs: "Route constraints"). */
const CONSTRAINTS: Readonly<Record<string, string>> = {
  int: String.raw`-?\d+`,
  long: String.raw`-?\d+`,
  alpha: '[A-Za-z]+',
  bool: '[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]',
  guid: String.raw`[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}`,
  required: '.+',
};
/** Routes of the host itself. */
const RESERVED = new Set(['admin', 'runtime']);

/** @param prefix what stands before it, without slashes around it */
export function parseRoute(route: string, prefix: string): RouteTemplate {
  const problem = problemOf(route, prefix);
  const whole = [prefix, route].filter((part) => part !== '').join('/');
  const texts = whole === '' ? [] : whole.replace(/\/$/, '').split('/');
  const segments = problem === undefined ? texts.map((text) => segmentOf(text)) : [];
  const broken = segments.find((segment) => typeof segment === 'string');
  const usable = segments.filter((segment) => typeof segment !== 'string');
  const failure = problem ?? broken ?? orderProblem(usable);
  return {
    ...(failure !== undefined && { problem: failure }),
    precedence: precedenceOf(usable),
    match: (path) => (failure === undefined ? matchAll(usable, path) : undefined),
  };
}

function problemOf(route: string, prefix: string): string | undefined {
  if (/^[/~]/.test(route))
    return `The route template cannot start with a '/' or '~' character. Template: '${route}'`;
  if (route.includes('//'))
    return `The route template separator character '/' cannot appear consecutively. Template: '${route}'`;
  if (prefix === '' && RESERVED.has(route.split('/')[0]?.toLowerCase() ?? ''))
    return 'The specified route conflicts with one or more built in routes.';
  return undefined;
}

function orderProblem(segments: readonly Segment[]): string | undefined {
  if (segments.slice(0, -1).some(({ kind }) => kind === 'rest'))
    return 'A catch-all parameter can only appear as the last segment of the route template.';
  const names = segments.flatMap((each) =>
    each.kind === 'rest' ? [each.name] : each.kind === 'pattern' ? each.names : [],
  );
  const twice = names.find((name, index) => names.findIndex((other) => same(other, name)) < index);
  return twice === undefined
    ? undefined
    : `The route parameter name '${twice}' appears more than one time in the route template.`;
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** A segment, or what is wrong with it. */
function segmentOf(text: string): Segment | string {
  if (!/[{}]/.test(text)) return { kind: 'text', text };
  const names: string[] = [];
  let source = '';
  let end = 0;
  let isOptional = false;
  for (const match of text.matchAll(PARAMETER)) {
    const { rest, name = '', constraints = '', optional } = match.groups ?? {};
    if (rest !== undefined) return match[0] === text ? { kind: 'rest', name } : malformed(text);
    const kinds = constraints.split(':').slice(1);
    const unknown = kinds.find((kind) => !Object.hasOwn(CONSTRAINTS, kind));
    if (unknown !== undefined)
      return `The constraint reference '${unknown}' could not be resolved to a type.`;
    const looks = kinds.map((kind) => `(?=(?:${CONSTRAINTS[kind]})$)`).join('');
    source += `${literal(text.slice(end, match.index))}${looks}(.+?)`;
    names.push(name);
    isOptional ||= optional !== undefined;
    end = match.index + match[0].length;
  }
  const tail = text.slice(end);
  if (names.length === 0 || /[{}]/.test(tail)) return malformed(text);
  return {
    kind: 'pattern',
    regex: new RegExp(`^${source}${literal(tail)}$`, 'i'),
    names,
    isOptional,
  };
}

function malformed(text: string): string {
  return `There is an incomplete parameter in the route template. Check that each '{' character has a matching '}' character. Segment: '${text}'`;
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** As in ASP.NET Core: digit after digit, text before what is constrained before parameters before the rest. */
function precedenceOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment, index) => sum + digitOf(segment) / 10 ** index, 0);
}

function digitOf(segment: Segment): number {
  if (segment.kind === 'text') return 1;
  if (segment.kind === 'rest') return 5;
  return segment.regex.source === '^(.+?)$' ? 3 : 2;
}

function matchAll(segments: readonly Segment[], path: string): RouteValues | undefined {
  const parts = path === '' ? [] : path.replace(/\/$/, '').split('/');
  const values: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === 'rest') {
      const rest = parts
        .slice(index)
        .map((part) => decoded(part))
        .join('/');
      if (rest !== '') values[segment.name] = rest;
      return values;
    }
    const part = parts[index];
    if (part === undefined || part === '') {
      if (part === undefined && segment.kind === 'pattern' && segment.isOptional) continue;
      return undefined;
    }
    if (segment.kind === 'text') {
      if (!same(decoded(part), segment.text)) return undefined;
      continue;
    }
    const match = segment.regex.exec(decoded(part));
    if (!match) return undefined;
    for (const [at, name] of segment.names.entries()) values[name] = match[at + 1] ?? '';
  }
  return parts.length <= segments.length ? values : undefined;
}

/** A slash in a value stays encoded. */
function decoded(part: string): string {
  try {
    return part
      .split(/(%2f)/i)
      .map((piece) => (/^%2f$/i.test(piece) ? piece : decodeURIComponent(piece)))
      .join('');
  } catch {
    return part;
  }
}
