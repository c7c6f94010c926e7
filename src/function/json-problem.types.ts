/** Finds at compile time what the JSON encoder would refuse at run time. */
import type { JsonValue } from './json.types.ts';

/** How many levels are looked at: types can be endless. The encoder looks at all. */
interface OneLevelLess {
  readonly 0: never;
  readonly 1: 0;
  readonly 2: 1;
  readonly 3: 2;
  readonly 4: 3;
  readonly 5: 4;
}

/**
 * `never` when JSON carries a `Value`; else a text that names the place and the remedy.
 * `any` and `unknown` pass: they are checked when they are sent.
 *
 * `Way` is the end that the type is of. What is `sent` may be a Date or nothing, which JSON turns into something else;
 * what is `received` is that something else.
 */
export type JsonProblem<
  Value,
  Path extends string = '$',
  Levels extends keyof OneLevelLess = 5,
  Way extends 'sent' | 'received' = 'sent',
> = [Levels] extends [never]
  ? never
  : unknown extends Value
    ? never
    : Value extends JsonValue
      ? never
      : Value extends undefined | void
        ? Way extends 'sent'
          ? never
          : `${Path} is undefined: it arrives as null`
        : Value extends bigint
          ? `${Path} is a bigint: send it as a string`
          : Value extends symbol
            ? `${Path} is a symbol: send its description`
            : Value extends ArrayBuffer | ArrayBufferView
              ? `${Path} holds bytes: send base64 text`
              : Value extends { toJSON(...none: never): unknown }
                ? Way extends 'sent'
                  ? never
                  : `${Path} has a toJSON: declare what arrives, such as a string for a Date`
                : Value extends (...none: never) => unknown
                  ? `${Path} is a function: only data can be sent`
                  : Value extends ReadonlyMap<unknown, unknown>
                    ? `${Path} is a Map: send Object.fromEntries(map)`
                    : Value extends ReadonlySet<unknown>
                      ? `${Path} is a Set: send [...set]`
                      : Value extends Promise<unknown>
                        ? `${Path} is a Promise: await it first`
                        : Value extends Error
                          ? `${Path} is an Error: send its name and message`
                          : Value extends RegExp
                            ? `${Path} is a RegExp: send its source`
                            : Value extends Response
                              ? `${Path} is a Response: only http handlers return one`
                              : Value extends readonly (infer Element)[]
                                ? JsonProblem<Element, `${Path}[]`, OneLevelLess[Levels], Way>
                                : {
                                    // JSON leaves out a property that is undefined, so reading it gives just that.
                                    [Key in keyof Value & string]-?: JsonProblem<
                                      Exclude<Value[Key], undefined>,
                                      `${Path}.${Key}`,
                                      OneLevelLess[Levels],
                                      Way
                                    >;
                                  }[keyof Value & string];

/** What the compiler prints when a handler returns something that JSON loses. */
export interface NotJson<Problem extends string> {
  readonly 'cannot be sent as JSON': Problem;
}

/**
 * What a type parameter extends that stands for data out of JSON: every `Value` but one that JSON never brings.
 * `extends JsonValue` would refuse every interface, for want of an index signature. It is named as well, because
 * the compiler cannot look into the rest while `Value` is a type parameter itself.
 */
export type JsonReceived<Value> =
  | JsonValue
  | ([JsonProblem<Value, '$', 5, 'received'>] extends [never]
      ? unknown
      : NotJson<JsonProblem<Value, '$', 5, 'received'>>);
