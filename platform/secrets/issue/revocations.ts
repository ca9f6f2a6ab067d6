import type { Revocation } from '../port.ts';
import { field, uint32, uint64 } from './fields.ts';

const MAGIC = 'SSHKRL\n\0';
const FORMAT = 1;
const CERTIFICATES = Buffer.of(1);
const SERIALS = Buffer.of(0x20);

/**
 * A list of revoked certificates in the format of OpenSSH (PROTOCOL.krl). By serial number, because the plain list of keys
 * that sshd reads as well would revoke every certificate of a key.
 */
export function revocationList(revoked: readonly Revocation[], now: number): Buffer {
  const authorities = [...new Set(revoked.map(({ authority }) => authority))];
  const sections = authorities.map(authority => {
    const serials = revoked.filter(one => one.authority === authority).map(({ serial }) => uint64(BigInt(serial)));
    const key = Buffer.from(authority.split(' ')[1] ?? '', 'base64');
    const body = [field(key), field(''), SERIALS, field(Buffer.concat(serials))];
    return Buffer.concat([CERTIFICATES, field(Buffer.concat(body))]);
  });
  const made = uint64(BigInt(Math.floor(now / 1_000)));
  return Buffer.concat([Buffer.from(MAGIC), uint32(FORMAT), made, made, uint64(0n), field(''), field(''), ...sections]);
}
