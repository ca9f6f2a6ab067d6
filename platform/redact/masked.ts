import type { Redactor } from './port.ts';

/**
 * A port that is handed nothing secret: every argument of every method is masked before the method sees it. What a method
 * named in `opening` answers is such a port too.
 */
export function masked<T extends object>(port: T, redactor: Redactor, opening: readonly (keyof T)[] = []): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...words: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, redactor.json(words) as unknown[]);
        if (!opening.includes(name as keyof T)) return answer;
        return Promise.resolve(answer).then(opened => masked(opened as object, redactor));
      };
    },
  });
}

/** Names of environment variables whose values are secret. */
const SECRET_NAME =
  /(?:TOKEN|SECRET|PASSWORD|PASSPHRASE|PRIVATE|(?:^|_)KEY(?:$|_)|CREDENTIAL)(?!.*_(?:FILE|PATH|ID|URL)$)/;

/** The same environment; what a secret variable holds is masked everywhere from the moment at which somebody reads it. */
export function watched(
  environment: { readonly [name: string]: string | undefined },
  redactor: Redactor,
): { readonly [name: string]: string | undefined } {
  return new Proxy(environment, {
    get(target, name) {
      const value = typeof name === 'string' ? target[name] : undefined;
      // A shorter one could not be told from ordinary text, and so is no credential worth the name.
      if (value !== undefined && value.length >= 8 && SECRET_NAME.test(String(name))) redactor.add(String(name), value);
      return value;
    },
  });
}
