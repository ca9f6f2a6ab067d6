import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join, normalize } from 'node:path';
import { runProgram } from '../../hosts/podman.ts';

/** A file of an archive or a package: its text, or the path of a real one on this machine. */
export type Payload = { readonly text: string } | { readonly path: string };

/** A package for the repository. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly files: { readonly [path: string]: Payload };
  /** Run after it was unpacked. */
  readonly postinst?: string;
}

/** A package of somebody else, as it is. */
export interface Deb {
  readonly deb: string;
}

/** What is published, as its user pins it. */
export interface Published {
  readonly url: string;
  readonly sha256: string;
}

/** Releases and package repositories of others, made on the spot and served over HTTP to the hosts of a test. */
export async function openOrigin(address: string) {
  const root = mkdtempSync(join(tmpdir(), 'provisioning-origin-'));
  const public_ = join(root, 'public');
  mkdirSync(public_);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    asked.push(path);
    try {
      response.end(readFileSync(join(public_, path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>(resolve => void server.listen(0, address, resolve));
  const { port } = server.address() as { port: number };
  const base = `http://${address}:${port}`;

  const publish = (path: string): Published => {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(public_, path)))
      .digest('hex');
    return { url: `${base}/${path}`, sha256 };
  };

  return {
    /** Where everything lies. */
    url: base,
    /** Paths that were asked for, in order. */
    asked,
    /** An archive in the shape of upstream's. */
    async archive(name: string, files: { readonly [path: string]: Payload }): Promise<Published> {
      const folder = mkdtempSync(join(root, 'archive-'));
      layOut(folder, files);
      const top = [...new Set(Object.keys(files).map(path => path.split('/')[0] ?? ''))];
      if (name.endsWith('.zip'))
        await runProgram(['python3', '-c', ZIP, join(public_, name), folder, ...Object.keys(files)]);
      else await runProgram(['tar', '--auto-compress', '-C', folder, '-cf', join(public_, name), ...top]);
      return publish(name);
    },
    /** One program as a download. */
    program(name: string, payload: Payload): Published {
      layOut(public_, { [name]: payload });
      return publish(name);
    },
    /** A package repository with a key of its own; `isForged` signs it with another one. */
    async repository(name: string, suite: string, packages: readonly (Package | Deb)[], isForged = false) {
      const folder = join(public_, name);
      const pool = suite === '/' ? folder : join(folder, 'pool');
      mkdirSync(pool, { recursive: true });
      for (const one of packages) {
        if ('deb' in one) copyFileSync(one.deb, join(pool, basename(one.deb)));
        else await build(root, pool, one);
      }
      await index(folder, suite);
      const key = await sign(root, suite === '/' ? folder : join(folder, 'dists', suite), isForged);
      return { uri: `${base}/${name}${suite === '/' ? '/' : ''}`, key };
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export type Origin = Awaited<ReturnType<typeof openOrigin>>;

const ZIP =
  'import os,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w")\nfor p in sys.argv[3:]: z.write(os.path.join(sys.argv[2],p),p)\nz.close()';

function layOut(folder: string, files: { readonly [path: string]: Payload }): void {
  for (const [path, payload] of Object.entries(files)) {
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
    writeFileSync(to, 'text' in payload ? payload.text : readFileSync(payload.path));
    chmodSync(to, /(?:^|\/)s?bin\/|^[^/]+$|postinst$/.test(path) ? 0o755 : 0o644);
  }
}

async function build(root: string, pool: string, { name, version, files, postinst }: Package): Promise<void> {
  const folder = mkdtempSync(join(root, 'package-'));
  chmodSync(folder, 0o755);
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: A test <test@example.org>\nDescription: STAND-IN of a test, not ${name}\n`;
  layOut(folder, {
    ...files,
    'DEBIAN/control': { text: control },
    ...(postinst === undefined ? {} : { 'DEBIAN/postinst': { text: `#!/bin/sh\nset -e\n${postinst}\n` } }),
  });
  await runProgram([
    'dpkg-deb',
    '--root-owner-group',
    '-Zgzip',
    '--build',
    folder,
    join(pool, `${name}_${version}_all.deb`),
  ]);
}

async function index(folder: string, suite: string): Promise<void> {
  const isFlat = suite === '/';
  const lists = isFlat ? folder : join(folder, 'dists', suite, 'main', 'binary-amd64');
  mkdirSync(lists, { recursive: true });
  const within = { cwd: folder };
  writeFileSync(
    join(lists, 'Packages'),
    await runProgram(['apt-ftparchive', 'packages', isFlat ? '.' : 'pool'], within),
  );
  const top = isFlat ? folder : join(folder, 'dists', suite);
  const about = ['-o', `APT::FTPArchive::Release::Suite=${isFlat ? 'stable' : suite}`];
  const codename = ['-o', `APT::FTPArchive::Release::Codename=${isFlat ? 'stable' : suite}`];
  const kinds = [
    '-o',
    'APT::FTPArchive::Release::Components=main',
    '-o',
    'APT::FTPArchive::Release::Architectures=amd64 all',
  ];
  writeFileSync(
    join(top, 'Release'),
    await runProgram(['apt-ftparchive', ...about, ...codename, ...kinds, 'release', top]),
  );
}

/** Signs a repository, and gives the key that its users shall pin: another one where it is forged. */
async function sign(root: string, top: string, isForged: boolean): Promise<string> {
  const gpg = async (home: string, ...words: readonly string[]): Promise<string> =>
    runProgram(['gpg', '--homedir', home, '--batch', '--yes', '--quiet', ...words]);
  const homes: string[] = [];
  for (const who of ['publisher', 'stranger']) {
    const home = mkdtempSync(join(root, 'gpg-'));
    chmodSync(home, 0o700);
    await gpg(home, '--passphrase', '', '--quick-generate-key', `${who}@example.org`, 'ed25519', 'sign', 'never');
    homes.push(home);
  }
  const [publisher = '', stranger = ''] = homes;
  await gpg(isForged ? stranger : publisher, '--clearsign', '--output', join(top, 'InRelease'), join(top, 'Release'));
  const key = await gpg(publisher, '--armor', '--export');
  for (const home of homes) await runProgram(['gpgconf', '--homedir', home, '--kill', 'all']);
  return key;
}
