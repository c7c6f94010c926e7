/** As much XML as AWS speaks: elements, attributes and text. */

export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** The text directly in it. */
  readonly text: string;
}

/** What can be written; arrays repeat their element, `undefined` is left out, a Date is written in ISO 8601. */
export type XmlValue =
  | string
  | number
  | boolean
  | Date
  | undefined
  | null
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const PLAIN: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

export function escapeXml(value: string): string {
  // Line ends and tabs travel as references, as a reader would change them.
  return value
    .replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign)
    .replaceAll('\r', '&#xD;')
    .replaceAll('\n', '&#xA;');
}

/** One element. `attributes` go to the outermost one only, as for `xmlns`. */
export function writeXml(
  name: string,
  value: XmlValue,
  attributes: Readonly<Record<string, string>> = {},
): string {
  if (value === undefined || value === null) return '';
  if (isList(value)) return value.map((member) => writeXml(name, member, attributes)).join('');
  const head = Object.entries(attributes)
    .map(([key, text]) => ` ${key}="${escapeXml(text)}"`)
    .join('');
  return `<${name}${head}>${writeContent(value)}</${name}>`;
}

function isList(value: XmlValue): value is readonly XmlValue[] {
  return Array.isArray(value);
}

function writeContent(value: Exclude<XmlValue, undefined | null>): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, member]) => writeXml(name, member))
      .join('');
  }
  return escapeXml(String(value));
}

/** The document's element. Throws a SyntaxError when it is not well formed. */
export function readXml(source: string): XmlNode {
  const reader = new Reader(source);
  const root = reader.document();
  if (!root) throw new SyntaxError('The XML has no element');
  return root;
}

/** The first child of a name. */
export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((each) => each.name === name);
}

export function children(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  return node?.children.filter((each) => each.name === name) ?? [];
}

/** The text of the first child of a name. */
export function childText(node: XmlNode | undefined, name: string): string | undefined {
  return child(node, name)?.text;
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  document(): XmlNode | undefined {
    this.#skipMisc();
    if (this.#at >= this.#source.length) return undefined;
    const root = this.#element();
    this.#skipMisc();
    if (this.#at < this.#source.length)
      throw new SyntaxError('The XML has something behind its element');
    return root;
  }

  #skipMisc(): void {
    const misc = /(?:\s+|<\?[^]*?\?>|<!--[^]*?-->)*/y;
    misc.lastIndex = this.#at;
    misc.exec(this.#source);
    this.#at = misc.lastIndex;
  }

  #element(): XmlNode {
    const open = /<([^\s/>]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/y;
    open.lastIndex = this.#at;
    const match = open.exec(this.#source);
    if (!match) throw new SyntaxError(`The XML is broken at ${this.#at}`);
    this.#at = open.lastIndex;
    const [, name = '', attributes = '', isEmpty] = match;
    const node = { name, attributes: readAttributes(attributes), children: [], text: '' };
    return isEmpty === '/' ? node : { ...node, ...this.#content(name) };
  }

  #content(name: string): { children: XmlNode[]; text: string } {
    const inner: XmlNode[] = [];
    let text = '';
    for (;;) {
      const next = this.#source.indexOf('<', this.#at);
      if (next === -1) throw new SyntaxError(`The XML does not close ${name}`);
      text += unescapeXml(this.#source.slice(this.#at, next));
      this.#at = next;
      if (this.#source.startsWith('</', next)) {
        const end = this.#source.indexOf('>', next);
        if (this.#source.slice(next + 2, end).trim() !== name) {
          throw new SyntaxError(`The XML closes something else than ${name} at ${next}`);
        }
        this.#at = end + 1;
        return { children: inner, text: inner.length > 0 ? text.trim() : text };
      }
      if (this.#source.startsWith('<!--', next)) this.#skipMisc();
      else if (this.#source.startsWith('<![CDATA[', next)) {
        const end = this.#source.indexOf(']]>', next);
        if (end === -1) throw new SyntaxError('The XML does not close CDATA');
        text += this.#source.slice(next + 9, end);
        this.#at = end + 3;
      } else inner.push(this.#element());
    }
  }
}

function readAttributes(source: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [, name = '', value = ''] of source.matchAll(/([^\s=]+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    found[name] = unescapeXml(value.slice(1, -1));
  }
  return found;
}

function unescapeXml(value: string): string {
  return value.replaceAll(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole: string, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return PLAIN[name] ?? whole;
  });
}
