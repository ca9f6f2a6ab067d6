import type { ZodType } from 'zod';
import type { Json } from './json.ts';
import type { KindName, Name } from './name.ts';

/** One resource that a template makes, in the words of a workspace file: references as `${server.db-1.privateIp}`. */
export interface TemplateResource {
  readonly kind: KindName;
  readonly name: Name;
  readonly fields: { readonly [field: string]: Json };
  /** The server a task service sits on. */
  readonly on?: Name;
}

/** What a template is told besides its own fields. */
export interface TemplatePlace {
  /** Name of this cluster in the workspace: every resource of it is named `<name>-...`. */
  readonly name: Name;
  readonly provider: Name;
  /** `demo`, `local`, `hetzner`, ...: what sizes and images are called differs. */
  readonly driver: Name;
}

/** A whole topology from a small spec. Pure: the same spec gives the same resources, and a larger one only adds some. */
export interface ClusterTemplate {
  readonly name: Name;
  readonly summary: string;
  /** A file under clusters/ that works once its secrets and keys are there. */
  readonly example: string;
  /** Strict shape of its fields, made when asked for. Every field has a description. */
  readonly spec: () => ZodType;
  resources(spec: { readonly [field: string]: Json }, place: TemplatePlace): readonly TemplateResource[];
  /** Named values of the finished cluster as expressions: `{ url: 'http://${load-balancer.web.publicIp}' }`. */
  outputs(spec: { readonly [field: string]: Json }, place: TemplatePlace): { readonly [output: string]: string };
}

/** Every cluster template that may be named, by its name. */
export interface ClusterTemplates {
  readonly [name: string]: ClusterTemplate;
}
