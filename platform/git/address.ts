import { isAbsolute } from 'node:path';
import { Fault } from '../../schemas/fault.ts';

const SCP_LIKE = /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!\/\/)[A-Za-z0-9._~/][A-Za-z0-9._~/+-]*$/;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Admits an address of a repository, or throws Fault `usage`. Admitted are absolute paths, `file://`, `https://`, `http://` on
 * loopback, `ssh://` and `user@host:path`. An address with a password in it is refused and never shown.
 */
export function admitAddress(text: string): string {
  const reason = refusal(text);
  if (reason === null) return text;
  throw new Fault('usage', {
    id: 'GIT-ADDRESS',
    what: `this repository address is not allowed: ${reason}`,
    fix: 'use https://host/path, ssh://user@host/path, user@host:path, file:///path or an absolute path',
  });
}

function refusal(text: string): string | null {
  if (text === '' || text.length > 2_048) return 'it is empty or longer than 2,048 characters';
  if (text.startsWith('-')) return 'it begins with "-"';
  if (/\p{Cc}/u.test(text)) return 'it holds a control character';
  if (isAbsolute(text)) return null;
  if (/^[A-Za-z][A-Za-z0-9+.-]*::/.test(text)) return 'remote helpers are not allowed';
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined) return urlRefusal(text, scheme);
  return SCP_LIKE.test(text) ? null : 'it is neither a URL, nor user@host:path, nor an absolute path';
}

function urlRefusal(text: string, scheme: string): string | null {
  if (!URL.canParse(text)) return 'it is not a URL';
  const url = new URL(text);
  if (url.password !== '') return 'it holds a password; hand it over with a credential of the machine or an SSH key';
  switch (scheme) {
    case 'file':
      return url.host === '' ? null : 'file:// takes no host';
    case 'https':
      return url.username === '' ? null : 'it holds a user name, which may be a token';
    case 'http':
      return LOOPBACK.has(url.hostname) && url.username === '' ? null : 'http is allowed on loopback only';
    case 'ssh':
      return /^[A-Za-z0-9]/.test(url.hostname) && !url.username.startsWith('-') ? null : 'its host begins with "-"';
    default:
      return `the scheme ${scheme} is not allowed`;
  }
}

/** Admits the name of a branch or tag as `git check-ref-format` would, and stricter where a shell or an option parser could stumble; throws Fault `usage`. */
export function admitBranch(name: string): string {
  const parts = name.split('/');
  const good =
    name.length <= 200 &&
    name !== 'HEAD' &&
    name !== '@' &&
    !name.startsWith('-') &&
    !name.startsWith('refs/') &&
    parts.every(part => /^[A-Za-z0-9_+@=#%][A-Za-z0-9._+@=#%,-]*$/.test(part) && !/\.lock$|\.\.|@\{|\.$/.test(part));
  if (good) return name;
  throw new Fault('usage', {
    id: 'GIT-REF',
    what: 'this is not a valid branch name',
    why: 'a branch name has letters, digits and ._+@=#%,- between slashes, and no part begins with "." or "-"',
  });
}
