import { randomBytes, verify } from 'node:crypto';
import type { Hub } from './hub.ts';
import type { Actor, App, Permissions, Token } from './model.ts';
import { Refusal } from './refusal.ts';

/** A token of an App lives for an hour. */
export const TOKEN_LIFE_MS = 3_600_000;
/** Longest life of the signed text by which an App names itself. */
const JWT_LIFE_S = 600;
const SKEW_S = 60;

/** Makes a token for an account. */
export function issueToken(
  hub: Hub,
  actor: Actor,
  limits: {
    readonly permissions?: Permissions;
    readonly repositories?: readonly string[];
    readonly lifeMs?: number;
  } = {},
): string {
  const text = `${actor.app === null ? 'ghp_' : 'ghs_'}${randomBytes(18).toString('hex')}`;
  hub.tokens.set(text, {
    actor,
    permissions: limits.permissions ?? null,
    repositories: limits.repositories ?? null,
    expiresAt: limits.lifeMs === undefined ? null : Date.now() + limits.lifeMs,
    isRevoked: false,
  });
  return text;
}

/** The account behind a header `authorization` of the REST interface. Throws Refusal 401. */
export function tokenOf(hub: Hub, header: string | undefined): Token {
  if (header === undefined) throw new Refusal(401, 'Requires authentication');
  const [, scheme = '', value = ''] = /^(\w+) +(.+)$/.exec(header) ?? [];
  const text = scheme.toLowerCase() === 'basic' ? passwordOf(value) : value;
  const known = /^(?:token|bearer|basic)$/i.test(scheme) ? liveToken(hub, text) : null;
  if (known === null) throw new Refusal(401, 'Bad credentials');
  return known;
}

function passwordOf(encoded: string): string {
  return Buffer.from(encoded, 'base64')
    .toString()
    .replace(/^[^:]*:/, '');
}

function liveToken(hub: Hub, text: string): Token | null {
  const token = hub.tokens.get(text);
  if (token === undefined || token.isRevoked) return null;
  return token.expiresAt !== null && token.expiresAt <= Date.now() ? null : token;
}

/** The App that signed a header `authorization`. Throws Refusal 401. */
export function appOfHeader(hub: Hub, header: string | undefined): App {
  const text = /^bearer +(.+)$/i.exec(header ?? '')?.[1] ?? '';
  const [head = '', claims = '', signature = '', ...rest] = text.split('.');
  const undecodable = new Refusal(401, 'A JSON web token could not be decoded');
  const { alg } = fields(head);
  const { iss, iat, exp } = fields(claims);
  const app = [...hub.apps.values()].find(({ id }) => String(id) === String(iss));
  if (rest.length > 0 || alg !== 'RS256' || app === undefined) throw undecodable;
  const signed = Buffer.from(`${head}.${claims}`);
  if (!verify('RSA-SHA256', signed, app.publicKey, Buffer.from(signature, 'base64url'))) throw undecodable;
  const now = Date.now() / 1000;
  if (typeof iat !== 'number' || iat > now + SKEW_S)
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  if (typeof exp !== 'number' || exp <= now)
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (exp > now + JWT_LIFE_S + SKEW_S)
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  return app;
}

function fields(part: string): { readonly [name: string]: unknown } {
  try {
    const told: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof told === 'object' && told !== null ? { ...told } : {};
  } catch {
    return {};
  }
}
