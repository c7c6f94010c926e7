/**
 * A vendor's modules in one file, with the code that the engine made of them: hundreds of look-ups and compilations at
 * every start become one read. They stay what they are: each has its own file name, its own `require`, and its place in
 * the cache of modules, so that stacks tell the vendor's files, and who asks for one by its name gets the same.
 */
'use strict';
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

const HEAD = '(function (exports, require, module, __filename, __dirname) {';

/**
 * @typedef PackedModule
 * @property {string} source
 * @property {Uint8Array | undefined} code what the engine made of the source
 * @property {string[]} paths the folders of packages that it sees
 * @property {Map<string, string>} requests the file name that each request of it led to
 */

/** Packed modules, of which each runs when it is first asked for. */
class ModulePack {
  #modules;
  /** Of those that have run. @type {Map<string, vm.Script>} */
  scripts = new Map();

  /** @param {Map<string, PackedModule>} modules by their file names */
  constructor(modules) {
    this.#modules = modules;
  }

  /** `require` by file name. @param {string} filename @param {Module} [parent] */
  load(filename, parent = module) {
    const known = require.cache[filename];
    if (known) return known.exports;
    const packed = this.#modules.get(filename);
    return packed ? this.#run(filename, packed, parent) : parent.require(filename);
  }

  #run(filename, { source, code, paths, requests }, parent) {
    const made = Object.assign(new Module(filename, parent), { filename, paths });
    require.cache[filename] = made;
    try {
      // Places in the first line are told as they are in the file.
      const options = { filename, columnOffset: -HEAD.length, cachedData: code };
      const script = new vm.Script(`${HEAD}${source}\n})`, options);
      this.scripts.set(filename, script);
      const own = this.#requireOf(made, requests);
      const { exports } = made;
      const run = script.runInThisContext();
      Reflect.apply(run, exports, [exports, own, made, filename, path.dirname(filename)]);
      made.loaded = true;
      return made.exports;
    } finally {
      if (!made.loaded) delete require.cache[filename];
    }
  }

  #requireOf(made, requests) {
    const own = (request) => {
      const target = requests.get(request);
      return target === undefined ? made.require(request) : this.load(target, made);
    };
    let real;
    for (const name of ['resolve', 'main', 'extensions', 'cache'])
      Object.defineProperty(own, name, {
        get: () => (real ??= Module.createRequire(made.filename))[name],
      });
    return own;
  }
}

/** Without a pack the modules are found as ever. @param {string} file */
function readPack(file) {
  try {
    return new ModulePack(v8.deserialize(readFileSync(file)));
  } catch {
    return new ModulePack(new Map());
  }
}

module.exports = { ModulePack, readPack };
