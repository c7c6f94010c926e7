/**
 * On AWS itself, what a Lambda handler answered to a request goes back as it is. The response that it stands for
 * travels through the runtime, and remembers it.
 */
const answers = new WeakMap<object, { readonly answer: unknown }>();

/** Remembers the answer that a response was made of. */
export function keepAnswer<Made extends object>(response: Made, answer: unknown): Made {
  answers.set(response, { answer });
  return response;
}

/** The answer of a Lambda handler that a response was made of, as the handler gave it. */
export function nativeAnswerOf(response: object): { readonly answer: unknown } | undefined {
  return answers.get(response);
}
