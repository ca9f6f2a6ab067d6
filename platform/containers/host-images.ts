import { Fault } from '../../schemas/fault.ts';
import type { HttpFetch } from '../../schemas/http.ts';
import { buildImage, builtImages } from './image.ts';
import type { LocalEngine } from './engine.ts';
import type { HostImages } from './port.ts';
import { type Recipe, recipeFor, SUITES } from './recipe.ts';

/** Images in the engine of this machine. */
export function hostImages(options: { readonly fetch: HttpFetch; engine(): Promise<LocalEngine> }): HostImages {
  const { fetch } = options;
  const urlOf = async (socket: string | null): Promise<string> => {
    if (socket !== null) return `http+unix://${encodeURIComponent(socket)}`;
    const { url, trouble } = await options.engine();
    if (url !== undefined) return url;
    const fix = trouble ?? 'apt-get install podman';
    throw new Fault('unavailable', { id: 'LOCAL-ENGINE', what: 'there is no container engine on this machine', fix });
  };
  return {
    async list(socket) {
      const built = await builtImages({ url: await urlOf(socket), fetch });
      return Object.entries(SUITES).map(([image, suite]) => {
        const { hash } = recipeNamed(image);
        const own = built.filter(one => one.image === image);
        const isCurrent = own.some(one => one.recipe === hash);
        return { image, suite, recipe: hash, state: isCurrent ? 'current' : own.length > 0 ? 'outdated' : 'missing' };
      });
    },
    async build({ image, mirror, socket, signal, say }) {
      const recipe = recipeNamed(image);
      const url = await urlOf(socket);
      const { id, wasThere } = await buildImage({ recipe, url, fetch, mirror, signal, say });
      return { id, recipe: recipe.hash, built: !wasThere };
    },
  };
}

function recipeNamed(image: string): Recipe {
  const recipe = recipeFor(image);
  if (recipe !== undefined) return recipe;
  const what = `there is no recipe for the image ${JSON.stringify(image.slice(0, 60))}`;
  throw new Fault('invalid', { id: 'IMAGE-NAME', what, fix: `one of ${Object.keys(SUITES).join(', ')}` });
}
