import { z } from 'zod';
import { invalid } from './account.ts';
import { type Call, ec2 } from './client.ts';
import { Id, Word, allPages, listOf } from './pages.ts';

/** An image by name: who publishes it, how its names look, and who logs in. `@` stands for the architecture in the publisher's words. */
interface ImageName {
  readonly owner: string;
  readonly pattern: string;
  readonly words: readonly [x86: string, arm: string];
  readonly user: string;
}

const DEBIAN = { owner: '136693071363', words: ['amd64', 'arm64'], user: 'admin' } as const;
const UBUNTU = { owner: '099720109477', words: ['amd64', 'arm64'], user: 'ubuntu' } as const;

/** The images that are known by a short name. Any other one is given by its id. */
export const IMAGES: { readonly [name: string]: ImageName } = {
  'amazon-linux-2023': {
    owner: 'amazon',
    pattern: 'al2023-ami-2023.*-kernel-*-@',
    words: ['x86_64', 'arm64'],
    user: 'ec2-user',
  },
  'debian-11': { ...DEBIAN, pattern: 'debian-11-@-*' },
  'debian-12': { ...DEBIAN, pattern: 'debian-12-@-*' },
  'debian-13': { ...DEBIAN, pattern: 'debian-13-@-*' },
  'rocky-9': {
    owner: '792107900819',
    pattern: 'Rocky-9-EC2-Base-9.*.@',
    words: ['x86_64', 'aarch64'],
    user: 'rocky',
  },
  'ubuntu-22.04': { ...UBUNTU, pattern: 'ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-@-server-*' },
  'ubuntu-24.04': { ...UBUNTU, pattern: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-@-server-*' },
};

/** Sizes with processors of AWS's own (`t4g`, `m7g`, `c7gn`, `g5g`) have the ARM architecture. */
function isArm(size: string): boolean {
  return /^[a-z]+\d+g|^a1\./.test(size);
}

/** Who logs in to a server of this image; null where nobody can know. */
export function userOf(image: string): string | null {
  return Object.hasOwn(IMAGES, image) ? (IMAGES[image]?.user ?? null) : null;
}

/** The id of an image: as given, or the newest that its publisher has under the name. */
export async function imageId(call: Call, given: { readonly image: string; readonly size: string }): Promise<string> {
  const { image, size } = given;
  if (/^ami-[0-9a-f]{8,17}$/.test(image)) return image;
  const known = Object.hasOwn(IMAGES, image) ? IMAGES[image] : undefined;
  if (known === undefined) {
    const names = Object.keys(IMAGES).join(', ');
    throw invalid(
      call.what,
      'unknown_image',
      `the image is neither an id such as ami-0123456789abcdef0 nor one of ${names}`,
    );
  }
  const [x86, arm] = known.words;
  const found = await published(call, known.owner, known.pattern.replace('@', isArm(size) ? arm : x86));
  const newest = [...found].sort(
    (a, b) => later(b.CreationDate ?? '', a.CreationDate ?? '') || later(b.ImageId, a.ImageId),
  )[0];
  if (newest === undefined) throw invalid(call.what, 'no_image', `this region has no image ${image} for this size`);
  return newest.ImageId;
}

function later(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const Image = z.object({ ImageId: Id, CreationDate: Word });

function published(call: Call, owner: string, pattern: string): Promise<readonly z.infer<typeof Image>[]> {
  const reply = z.object({ Images: listOf(Image), NextToken: Word });
  const Filters = [
    { Name: 'name', Values: [pattern] },
    { Name: 'state', Values: ['available'] },
  ];
  return allPages(
    call,
    image => image.ImageId,
    async NextToken => {
      const page = await ec2(call, 'DescribeImages', { Owners: [owner], Filters, NextToken, MaxResults: 1_000 }, reply);
      return { items: page.Images, next: page.NextToken };
    },
  );
}
