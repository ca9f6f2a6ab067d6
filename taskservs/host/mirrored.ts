import type { HostItem, TaskService } from '../../schemas/taskserv.ts';
import type { Mirror } from '../../schemas/mirror.ts';
import { besideDebian, debianMirror } from './debian-mirror.ts';
import { written } from './written.ts';

type Services = { readonly [name: string]: TaskService };

/**
 * Services that fetch releases and packages of signed repositories from a mirror, and those of Debian where it is said.
 * What is fetched is proven as before: by the digest of the release, and by the key of the repository.
 */
export function mirrored(services: Services, mirror: Mirror | undefined): Services {
  if (mirror === undefined) return services;
  const from = mirror.url.replace(/\/+$/, '');
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => {
      const want: TaskService['want'] = (parameters, place) => {
        const items = service.want(parameters, place).map(item => itemFrom(from, item));
        if (mirror.debian === undefined || !items.some(needsApt)) return items;
        return [...debianMirror(from, mirror.debian, place), ...items.flatMap(withLink)];
      };
      return [name, { ...service, want }];
    }),
  );
}

function needsApt(item: HostItem): boolean {
  return written(item).some(({ is }) => is === 'package');
}

function withLink(item: HostItem): readonly HostItem[] {
  return item.is === 'repository' ? [item, besideDebian(item.name)] : [item];
}

function itemFrom(mirror: string, item: HostItem): HostItem {
  if (item.is === 'repository') return { ...item, uri: mirroredUrl(mirror, item.uri) };
  if (item.is !== 'release') return item;
  const sources = Object.entries(item.sources).map(([architecture, source]) => [
    architecture,
    { ...source, url: mirroredUrl(mirror, source.url) },
  ]);
  return { ...item, sources: Object.fromEntries(sources) as typeof item.sources };
}

/** `https://example.com/a.tar.gz` is `<mirror>/example.com/a.tar.gz`. What names the mirror itself stays. */
export function mirroredUrl(mirror: string, url: string): string {
  const rest = /^https?:\/\/(.+)$/.exec(url)?.[1];
  return rest === undefined || url === mirror || url.startsWith(`${mirror}/`) ? url : `${mirror}/${rest}`;
}
