import { doubleQuoted } from './render.ts';

/** Name and password for `curl --config -`, so that they are no words of its command. */
export function curlUser(name: string, password: string): string {
  return `user = ${doubleQuoted(`${name}:${password}`)}\n`;
}
