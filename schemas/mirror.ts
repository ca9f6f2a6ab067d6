import { z } from 'zod';
import { publicKey } from './public-key.ts';

/** Packages of the distribution itself. */
const Debian = z.strictObject({
  suites: z
    .array(z.enum(['release', 'updates', 'security']))
    .min(1)
    .default(['release', 'updates', 'security'])
    .describe('What the mirror has: the release, its point updates, its security updates. Default: all three.'),
  key: publicKey().optional().describe('Public key that signs the mirror, where it is not Debian that does.'),
});

/** Where the hosts of a workspace fetch releases and third-party packages, instead of from their makers. */
export const Mirror = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'an address such as https://mirror.example.com/artifacts' })
      .max(1024)
      .describe('Address under which `https://example.com/a` is found as `<url>/example.com/a`.'),
    allowHttp: z
      .literal(true)
      .optional()
      .describe('Fetch without TLS, for a network of your own. Digests and signatures are checked all the same.'),
    debian: Debian.optional().describe(
      'Fetch the packages of Debian there too, and look nowhere else: `<url>/deb.debian.org/debian` and `<url>/security.debian.org/debian-security`.',
    ),
  })
  .superRefine(({ url, allowHttp }, context) => {
    if (!URL.canParse(url)) return;
    const { protocol, hostname, username, password, search, hash } = new URL(url);
    const wrong = (message: string): void => context.addIssue({ code: 'custom', path: ['url'], message });
    const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
    if (protocol === 'http:' && allowHttp !== true && !isLoopback)
      wrong('a mirror is reached by https: use that, or add `allowHttp: true` where the network is yours alone');
    if (`${username}${password}` !== '')
      wrong('everybody on a host can read the address: it holds no user and no password');
    if (`${search}${hash}` !== '') wrong('paths are appended to the address: it has no ? and no #');
  });
export type Mirror = z.infer<typeof Mirror>;
