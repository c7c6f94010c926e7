/** The vendor's own protos: what messages and fields the APIs have. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

/** Packages of `@google-cloud/...`, and where the messages of each are. */
const PACKAGES = {
  functions: 'google.cloud.functions.v2',
  run: 'google.cloud.run.v2',
  scheduler: 'google.cloud.scheduler.v1',
  pubsub: 'google.pubsub.v1',
  'secret-manager': 'google.cloud.secretmanager.v1',
} as const;

export type ProtoPackage = keyof typeof PACKAGES;

const here = createRequire(import.meta.url);
const roots = new Map<string, protobuf.Root>();

function rootOf(name: ProtoPackage): protobuf.Root {
  const known = roots.get(name);
  if (known) return known;
  const folder = dirname(here.resolve(`@google-cloud/${name}/package.json`));
  const text = readFileSync(join(folder, 'build', 'protos', 'protos.json'), 'utf8');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the vendor's file is a descriptor of protobufjs
  const root = protobuf.Root.fromJSON(JSON.parse(text) as protobuf.INamespace);
  roots.set(name, root);
  return root;
}

/** Messages of one package: by short names of its own namespace (`Function`), or by full ones (`google.rpc.Status`). */
export class ProtoSchema {
  readonly #name: ProtoPackage;

  constructor(name: ProtoPackage) {
    this.#name = name;
  }

  /** Throws when there is no such message: a mistake of the fake. */
  message(name: string): protobuf.Type {
    const found = this.find(name);
    if (!found) throw new Error(`The protos of "${this.#name}" have no message ${name}.`);
    return found;
  }

  find(name: string): protobuf.Type | undefined {
    const root = rootOf(this.#name);
    const isFull = name.startsWith('google.');
    const found = root.lookup(isFull ? name : `${PACKAGES[this.#name]}.${name}`);
    return found instanceof protobuf.Type ? found : undefined;
  }
}

export type ProtoField = protobuf.Field;
export type ProtoType = protobuf.Type;

/** A field by its name in JSON, or by its name in the proto. */
export function fieldOf(type: ProtoType, name: string): ProtoField | undefined {
  const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
  if (field) return field;
  const camel = camelOf(name);
  return name.includes('_') && Object.hasOwn(type.fields, camel) ? type.fields[camel] : undefined;
}

export function camelOf(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function snakeOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What every message that is read or written asks of its fields anew. */
interface FieldFacts {
  readonly typeName: string;
  readonly enumeration: protobuf.Enum | undefined;
  readonly message: ProtoType | undefined;
  readonly outputOnly: boolean;
}

const facts = new WeakMap<ProtoField, FieldFacts>();

function factsOf(field: ProtoField): FieldFacts {
  const known = facts.get(field);
  if (known) return known;
  const found = findFacts(field);
  facts.set(field, found);
  return found;
}

function findFacts(field: ProtoField): FieldFacts {
  const own = field.type.replace(/^\./, '');
  const outputOnly = JSON.stringify([field.options, field.parsedOptions]).includes('OUTPUT_ONLY');
  // Those that JSON writes in a way of its own need no descriptor, and some packages have none of them.
  if (own.startsWith('google.protobuf.'))
    return { typeName: own, enumeration: undefined, message: undefined, outputOnly };
  const { resolvedType: type } = field.resolve();
  return {
    typeName: type?.fullName.replace(/^\./, '') ?? own,
    enumeration: type instanceof protobuf.Enum ? type : undefined,
    message: type instanceof protobuf.Type ? type : undefined,
    outputOnly,
  };
}

/** Full name of the type of a field: `google.protobuf.Timestamp`, `google.cloud.run.v2.Container`. */
export function typeNameOf(field: ProtoField): string {
  return factsOf(field).typeName;
}

export function enumOf(field: ProtoField): protobuf.Enum | undefined {
  return factsOf(field).enumeration;
}

export function messageOf(field: ProtoField): ProtoType | undefined {
  return factsOf(field).message;
}

/** True for fields that tell "not there" from their zero: `optional` ones, and members of a oneof. */
export function hasPresence(field: ProtoField): boolean {
  return field.partOf !== null && field.partOf !== undefined;
}

export function isOutputOnly(field: ProtoField): boolean {
  return factsOf(field).outputOnly;
}

export function keyTypeOf(field: ProtoField): string | undefined {
  return field instanceof protobuf.MapField ? field.keyType : undefined;
}
