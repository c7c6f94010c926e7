/** Reads what is said of each field of the types of a module; TypeScript 7 has no compiler API to ask. */

/** `Type.field` to its words, on one line, without the marks of TSDoc. */
export type FieldDocs = ReadonlyMap<string, string>;

const DECLARATION = /^export (?:interface|type) (\w+)/gm;
const FIELD = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*readonly (\$?\w+)\??:/g;

/** @param text of a module, as the formatter leaves it */
export function fieldDocs(text: string): FieldDocs {
  const docs = new Map<string, string>();
  const starts = [...text.matchAll(DECLARATION)];
  for (const [index, { 1: type = '', index: start }] of starts.entries()) {
    const body = text.slice(start, starts[index + 1]?.index);
    for (const [, comment = '', field = ''] of body.matchAll(FIELD)) {
      docs.set(`${type}.${field}`, words(comment));
    }
  }
  return docs;
}

const words = (comment: string): string =>
  comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\{@link (\w+)\}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
