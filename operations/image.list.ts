import { z } from 'zod';
import { defineOperation } from './operation.ts';

const WORDS = { current: 'built', outdated: 'built from an older recipe', missing: 'not built' } as const;

export const imageList = defineOperation({
  name: 'image.list',
  summary: 'List the images of local hosts, and which of them are built.',
  example: 'provisioning image list',
  permission: 'machine:read',
  safe: true,
  input: z.strictObject({
    socket: z.string().optional().describe('Socket of the container engine. Default: podman, started when needed.'),
  }),
  output: z.strictObject({
    images: z.array(
      z.strictObject({
        image: z.string(),
        suite: z.string(),
        recipe: z.string(),
        state: z.enum(['current', 'outdated', 'missing']),
      }),
    ),
  }),
  run: async (ports, input) => ({ images: [...(await ports.images.list(input.socket ?? null))] }),
  text: ({ images }) =>
    images
      .map(({ image, suite, state }) => {
        const fix = state === 'current' ? '' : `  fix: provisioning image build ${image}`;
        return `${image}  ${suite.padEnd(9)} ${WORDS[state]}${fix}\n`;
      })
      .join(''),
});
