/** Writes a pack: `node pack-modules.cjs <pack> <entry>...`, with the file names of all entries. */
'use strict';
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const v8 = require('node:v8');
const { ModulePack } = require('./module-pack.cjs');

/** Loads them as Node does. @returns {Map<string, Map<string, string>>} by file name, what each request led to */
function observed(entries) {
  const requestsOf = new Map();
  const { require: load } = Module.prototype;
  Module.prototype.require = function requireAndTell(request) {
    const target = Module.createRequire(this.filename).resolve(request);
    const requests = requestsOf.get(this.filename) ?? new Map();
    // What comes with Node is asked for as ever.
    if (path.isAbsolute(target)) requestsOf.set(this.filename, requests.set(request, target));
    return Reflect.apply(load, this, [request]);
  };
  for (const entry of entries) require(entry);
  Module.prototype.require = load;
  return requestsOf;
}

/** A packed module could not: only Node's own loader can say where an `import()` starts. Types in comments are none. */
function importsItself(source) {
  return source
    .split('\n')
    .map((line) => line.replaceAll(/\/\*\*.*?\*\//g, '').replace(/^\s*(?:\*|\/\/|\/\*).*/, ''))
    .some((line) => /\bimport\s*\(/.test(line));
}

const [, , file, ...entries] = process.argv;
const before = new Set(Object.keys(require.cache));
const requestsOf = observed(entries);
const modules = new Map();
for (const [filename, { paths }] of Object.entries(require.cache)) {
  if (before.has(filename)) continue;
  delete require.cache[filename];
  if (!/\.c?js$/.test(filename)) continue;
  const source = readFileSync(filename, 'utf8');
  const requests = requestsOf.get(filename) ?? new Map();
  if (!importsItself(source)) modules.set(filename, { source, code: undefined, paths, requests });
}
// They run once more, so that the pack holds the code of all functions that run at a start.
const pack = new ModulePack(modules);
for (const entry of entries) pack.load(entry);
for (const [filename, script] of pack.scripts)
  modules.get(filename).code = script.createCachedData();
// Others may be writing the same one.
const temporary = `${file}.${process.pid}`;
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(temporary, v8.serialize(modules));
renameSync(temporary, file);
