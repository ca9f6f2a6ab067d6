import { z } from 'zod';
import { defineOperation } from './operation.ts';

export const imageBuild = defineOperation({
  name: 'image.build',
  summary: 'Build the image of local hosts: Debian with systemd and sshd. One that is there and up to date is kept.',
  description:
    'The image is made by mmdebstrap from the packages of Debian and goes into the container engine of this machine. No public image is used.',
  example: 'provisioning image build debian-12',
  permission: 'machine:write',
  safe: false,
  input: z.strictObject({
    image: z.string().describe('Name of the image, `debian-12` or `debian-13`.').meta({ positional: true }),
    mirror: z
      .string()
      .regex(/^https?:\/\/[\w.-]+(?::\d+)?(?:\/[\w./~-]*)?$/, 'an address such as http://deb.debian.org/debian')
      .optional()
      .describe('Debian archive to take packages from. Default: the one that this machine uses.'),
    socket: z.string().optional().describe('Socket of the container engine. Default: podman, started when needed.'),
  }),
  output: z.strictObject({
    image: z.string(),
    recipe: z.string(),
    id: z.string(),
    built: z.boolean(),
    durationMs: z.int(),
  }),
  async run(ports, input, call) {
    const startedAt = ports.world.clock.monotonic();
    const { image } = input;
    const told = await ports.images.build({
      image,
      mirror: input.mirror ?? null,
      socket: input.socket ?? null,
      signal: call.signals.stop,
      say: line => call.progress({ event: 'say', text: `${line}\n` }),
    });
    return { image, ...told, durationMs: Math.round(ports.world.clock.monotonic() - startedAt) };
  },
  text: ({ image, recipe, built, durationMs }) =>
    built
      ? `${image} is built (recipe ${recipe}) in ${(durationMs / 1_000).toFixed(1)} s.\n`
      : `${image} is there and up to date (recipe ${recipe}).\n`,
});
