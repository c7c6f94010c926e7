/** Finds the route of a request. Pure; compiled once per function, then only read. */
import { RouteError } from './route-error.ts';
import { parsePattern } from './route-pattern.ts';

/** A route to compile. `value` comes back when it matches. */
export interface RouteDeclaration<Value> {
  /** Names the route in errors. */
  readonly id: string;
  readonly path: string;
  /** Upper case; `ANY` takes every method that no other route of the same path takes, save TRACE and CONNECT. */
  readonly methods: readonly string[];
  readonly value: Value;
}

export type RouteMatch<Value> =
  | {
      readonly kind: 'found';
      readonly value: Value;
      /** Decoded. */
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'methodNotAllowed'; readonly allow: readonly string[] }
  | { readonly kind: 'notFound' }
  /** Percent-encoding that decodes to nothing. */
  | { readonly kind: 'malformed' };

interface Entry<Value> {
  readonly id: string;
  readonly value: Value;
  readonly names: readonly string[];
}

type Leaf<Value> = Map<string, Entry<Value>>;

interface TrieNode<Value> {
  readonly literals: Map<string, TrieNode<Value>>;
  parameter: TrieNode<Value> | undefined;
  leaf: Leaf<Value> | undefined;
  rest: Leaf<Value> | undefined;
}

const ANY_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});
const NOT_FOUND = { kind: 'notFound' } as const;
const MALFORMED = { kind: 'malformed' } as const;

/** What one search carries along, so that the search itself allocates little. */
interface Search {
  readonly path: string;
  readonly method: string;
  readonly encoded: boolean;
  readonly values: string[];
  allow: Set<string> | undefined;
}

/**
 * The routes of one function, as a tree over path segments.
 *
 * Leftmost segment first, a literal beats a parameter beats a rest; on one path, a named method beats `ANY`. A path
 * whose routes do not take the method gives way to a less specific one that does.
 */
export class RouteTrie<Value> {
  readonly #root: TrieNode<Value> = newNode();

  /** @throws RouteError for a bad path, and for two routes that take the same requests. */
  constructor(routes: readonly RouteDeclaration<Value>[]) {
    for (const route of routes) this.#add(route);
  }

  /**
   * @param method upper case.
   * @param path starts with `/`, without query, still percent-encoded.
   */
  match(method: string, path: string): RouteMatch<Value> {
    const encoded = path.includes('%');
    if (encoded && decode(path) === undefined) return MALFORMED;
    const search: Search = { path, method, encoded, values: [], allow: undefined };
    const entry = descend(this.#root, 1, search);
    if (entry) {
      return { kind: 'found', value: entry.value, params: toParams(entry.names, search.values) };
    }
    if (!search.allow) return NOT_FOUND;
    return { kind: 'methodNotAllowed', allow: [...search.allow].sort() };
  }

  #add(route: RouteDeclaration<Value>): void {
    const names: string[] = [];
    let node = this.#root;
    let leaf: Leaf<Value> | undefined;
    for (const segment of parsePattern(route.path)) {
      if (segment.kind !== 'literal') names.push(segment.name);
      if (segment.kind === 'rest') {
        leaf = node.rest ??= new Map();
      } else if (segment.kind === 'parameter') {
        node = node.parameter ??= newNode();
      } else {
        let child = node.literals.get(segment.text);
        if (!child) node.literals.set(segment.text, (child = newNode()));
        node = child;
      }
    }
    leaf ??= node.leaf ??= new Map();
    for (const method of route.methods) {
      const other = leaf.get(method);
      if (other) throw sameRequests(route.id, other.id, method, route.path);
      leaf.set(method, { id: route.id, value: route.value, names });
    }
  }
}

/** Depth first, most specific child first. Each node is visited at most once, so the work is bounded by the tree. */
function descend<Value>(
  node: TrieNode<Value>,
  start: number,
  search: Search,
): Entry<Value> | undefined {
  const { path, values } = search;
  const slash = path.indexOf('/', start);
  const raw = slash < 0 ? path.slice(start) : path.slice(start, slash);
  const segment = search.encoded ? decodeKnown(raw) : raw;

  const literal = node.literals.get(segment);
  if (literal) {
    const entry = slash < 0 ? choose(literal.leaf, search) : descend(literal, slash + 1, search);
    if (entry) return entry;
  }
  if (node.parameter && segment !== '') {
    values.push(segment);
    const entry =
      slash < 0 ? choose(node.parameter.leaf, search) : descend(node.parameter, slash + 1, search);
    if (entry) return entry;
    values.pop();
  }
  // `/a/{rest+}` needs something after `/a/`; `/{path+}` alone also takes `/`.
  if (node.rest && (start < path.length || start === 1)) {
    const entry = choose(node.rest, search);
    if (entry) {
      const rest = path.slice(start);
      values.push(search.encoded ? decodeKnown(rest) : rest);
      return entry;
    }
  }
  return undefined;
}

function choose<Value>(leaf: Leaf<Value> | undefined, search: Search): Entry<Value> | undefined {
  if (!leaf) return undefined;
  const entry =
    leaf.get(search.method) ??
    (search.method === 'HEAD' ? leaf.get('GET') : undefined) ??
    (search.method === 'TRACE' || search.method === 'CONNECT' ? undefined : leaf.get('ANY'));
  if (entry) return entry;
  search.allow ??= new Set();
  for (const method of leaf.keys()) {
    for (const allowed of method === 'ANY' ? ANY_METHODS : [method]) search.allow.add(allowed);
    if (method === 'GET') search.allow.add('HEAD');
  }
  return undefined;
}

function toParams(
  names: readonly string[],
  values: readonly string[],
): Readonly<Record<string, string>> {
  if (names.length === 0) return NO_PARAMS;
  const params: Record<string, string> = {};
  for (let index = 0; index < names.length; index += 1) {
    params[names[index] ?? ''] = values[index] ?? '';
  }
  return params;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The whole path was decoded before, so a part of it cannot fail. */
function decodeKnown(text: string): string {
  return decode(text) ?? text;
}

function newNode<Value>(): TrieNode<Value> {
  return { literals: new Map(), parameter: undefined, leaf: undefined, rest: undefined };
}

function sameRequests(id: string, other: string, method: string, path: string): RouteError {
  return new RouteError(
    `The http bindings "${other}" and "${id}" both take ${method} ${path}. Remove one, or change its method or path.`,
    { bindings: [other, id], method, path },
  );
}
