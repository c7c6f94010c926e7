/** Headers as a flat list: what is kept of them until somebody asks for a `Headers`. */

/** Name, value, name, value ...; names in lower case. */
export type HeaderList = readonly string[];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What is not allowed, and white space at an end, which is cut off. */
const UNUSUAL_VALUE = /[^\t\x20-\x7e\x80-\xff]|^[\t ]|[\t ]$/;
const MEMO_SIZE = 500;
const lowerCaseNames = new Map<string, string>();

/** Reads what `new Headers` takes. Undefined where a real `Headers` has to judge: it knows all the forms and errors. */
export function listHeaders(headers: unknown): string[] | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(headers);
  if (headers instanceof Headers && prototype === Headers.prototype) {
    const copied = copyHeaders(headers);
    // Values joined with an empty one end in a space, which is cut off when they are copied.
    return copied.some((part) => UNUSUAL_VALUE.test(part)) ? undefined : copied;
  }
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  if (Symbol.iterator in headers) return undefined;
  const list: string[] = [];
  for (const key of Reflect.ownKeys(headers)) {
    const value: unknown = Reflect.get(headers, key);
    if (typeof key !== 'string' || typeof value !== 'string') return undefined;
    const name = lowerCaseName(key);
    // Twice the same name, in two spellings, and what no `for in` would see.
    if (name === undefined || list.includes(name) || UNUSUAL_VALUE.test(value)) return undefined;
    if (!Object.prototype.propertyIsEnumerable.call(headers, key)) return undefined;
    list.push(name, value);
  }
  return list;
}

/** The list in the order of a `Headers`, with a content type where it has none. Always a new list. */
export function sortHeaders(list: HeaderList, contentType: string | undefined): string[] {
  const sorted: string[] = [];
  let missing = contentType;
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] ?? '';
    if (name === 'content-type') missing = undefined;
    insert(sorted, name, list[index + 1] ?? '');
  }
  if (missing !== undefined) insert(sorted, 'content-type', missing);
  return sorted;
}

export function headersOf(list: HeaderList): Headers {
  const headers = new Headers();
  for (let index = 0; index < list.length; index += 2) {
    headers.append(list[index] ?? '', list[index + 1] ?? '');
  }
  return headers;
}

/** All of a `Headers`, in its order: sorted, `set-cookie` repeated. */
export function copyHeaders(headers: Headers): string[] {
  const list: string[] = [];
  headers.forEach((value, name) => list.push(name, value));
  return list;
}

/** Behind those of the same name. */
function insert(sorted: string[], name: string, value: string): void {
  let at = sorted.length;
  while (at > 0 && (sorted[at - 2] ?? '') > name) at -= 2;
  if (at === sorted.length) sorted.push(name, value);
  else sorted.splice(at, 0, name, value);
}

function lowerCaseName(name: string): string | undefined {
  const known = lowerCaseNames.get(name);
  if (known !== undefined) return known;
  if (!TOKEN.test(name)) return undefined;
  const lowerCase = name.toLowerCase();
  if (lowerCaseNames.size < MEMO_SIZE) lowerCaseNames.set(name, lowerCase);
  return lowerCase;
}
